// What the service is about: users own resources. Plain structs; tables, indexes and relations are constants
// beside them.
#pragma once
#include <brio/reflect/id.hpp>
#include <brio/reflect/text.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/reflect/version.hpp>
#include <brio/sql/relation.hpp>
#include <brio/sql/table.hpp>

namespace service {

using namespace brio;

enum class Status { draft, active, archived };

struct User {
    Id<User> id;
    Text<254, 3> email;
    Text<120, 1> name;
};

struct Resource {
    Id<Resource> id;
    Id<User> owner_id;
    Text<120, 1> name;
    Text<2000> description;
    Status status;
    Timestamp created_at;
    Version version;
};

/// What processing a resource computes: of all resources of its owner.
struct Summary {
    Id<Summary> id;
    Id<Resource> resource_id;
    Id<User> owner_id;
    std::int64_t resources;
    std::int64_t active;
    std::int64_t archived;
    double mean_description;  // characters
    Timestamp created_at;
    Version version;
};
struct NewSummary {
    Id<Resource> resource_id;
    Id<User> owner_id;
    std::int64_t resources = 0;
    std::int64_t active = 0;
    std::int64_t archived = 0;
    double mean_description = 0;
};

inline constexpr auto users = table<User>("users").unique<&User::email>("idx_user_email");

inline constexpr auto resources =
    table<Resource>("resources")
        .index<&Resource::owner_id, &Resource::created_at>("idx_resource_owner")
        .index<&Resource::status, &Resource::created_at>("idx_resource_status_created")
        .index<&Resource::created_at, &Resource::id>("idx_resource_created");

inline constexpr auto summaries = table<Summary>("summaries")
                                      .unique<&Summary::resource_id>("idx_summary_resource")
                                      .index<&Summary::created_at>("idx_summary_created");

inline constexpr auto owner = belongs_to<&Resource::owner_id>(users, "owner");        // one join
inline constexpr auto owned = has_many<&Resource::owner_id>(resources, "resources");  // one select-in

}  // namespace service

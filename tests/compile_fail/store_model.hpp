// The tables of the cases about statements and the database.
#pragma once
#include <brio/reflect/id.hpp>
#include <brio/reflect/text.hpp>
#include <brio/sql/listing.hpp>

using namespace brio;

enum class Status { draft, active };
enum class Colour { red, blue };
struct User {
    Id<User> id;
    Text<254, 3> email;
    Text<120, 1> name;
};
struct Resource {
    Id<Resource> id;
    Id<User> owner_id;
    std::optional<Id<User>> reviewer_id;
    Status status;
    Text<120, 1> name;
    std::int64_t size;
};
inline constexpr auto users = table<User>("users").unique<&User::email>("idx_user_email");
inline constexpr auto resources = table<Resource>("resources")
                                      .index<&Resource::owner_id, &Resource::id>("idx_resource_owner")
                                      .index<&Resource::status>("idx_resource_status")
                                      .index<&Resource::reviewer_id>("idx_resource_reviewer");
struct NewUser {
    Text<254, 3> email;
    Text<120, 1> name;
};
struct StatusSize {
    Status status;
    std::int64_t size;
};

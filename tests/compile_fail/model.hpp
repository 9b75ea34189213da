// Two small tables for the cases about statements.
#pragma once
#include <brio/reflect/id.hpp>
#include <brio/reflect/text.hpp>
#include <brio/sql/listing.hpp>

using namespace brio;

struct User {
    Id<User> id;
    Text<120, 1> name;
};
struct Resource {
    Id<Resource> id;
    Id<User> owner_id;
    Text<120, 1> name;
};
inline constexpr auto users = sql::table<User>("users");
inline constexpr auto resources =
    sql::table<Resource>("resources").index<&Resource::owner_id, &Resource::id>("idx_resource_owner");

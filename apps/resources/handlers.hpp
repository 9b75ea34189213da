// What the API does. A handler's parameters are its dependencies; its result is the answer.
#pragma once
#include <brio/db/db.hpp>
#include <brio/db/idempotent.hpp>
#include <brio/db/provide.hpp>
#include <brio/http/parameters.hpp>
#include <brio/http/response.hpp>
#include <brio/sql/listing.hpp>
#include <brio/tasks/provide.hpp>

#include <optional>
#include <variant>

#include "model.hpp"

namespace service {

using http::Accepted;
using http::Body;
using http::Created;
using http::IfMatch;
using http::NoContent;
using http::Path;
using http::Query;

inline constexpr auto listing = list_of(resources)
                                    .filter<&Resource::status, &Resource::owner_id>()
                                    .sort<&Resource::created_at, &Resource::id>()
                                    .page_size(20, 100);
inline constexpr auto user_listing = list_of(users).filter<&User::email>().sort<&User::email, &User::id>();

struct NewResource {
    Text<120, 1> name;
    Text<2000> description;
    Status status = Status::draft;
    std::optional<Id<User>> owner_id;  // user 1 without
};
struct ResourcePatch {
    std::optional<Text<120, 1>> name;
    std::optional<Text<2000>> description;
    std::optional<Status> status;
    std::optional<Id<User>> owner_id;
};
struct NewUser {
    Text<254, 3> email;
    Text<120, 1> name;
};
enum class UserParts { resources };
struct UserQuery {
    std::optional<UserParts> include;
};
struct Started {
    std::string task_id;
};
/// How far a task is. `result` is what it gave, `error` what the last try failed with.
struct TaskState {
    std::string state;
    double progress;
    std::string words;
    std::optional<json::Raw> result;
    std::optional<std::string> error;
};
using OwnedResource = sql::With<Resource, owner>;
using UserWithResources = sql::With<User, owned>;

Async<Page<OwnedResource>> list_resources(List<listing> request, Db db);
Async<OwnedResource> show_resource(Path<"id", Id<Resource>> id, Db db);
Async<Created<Resource>> create_resource(Body<NewResource> body, Idempotent once, Db db);
Async<Resource> update_resource(Path<"id", Id<Resource>> id, Body<ResourcePatch> patch, IfMatch condition,
                                Db db);
Async<NoContent> delete_resource(Path<"id", Id<Resource>> id, IfMatch condition, Db db);

Async<Page<User>> list_users(List<user_listing> request, Db db);
Async<std::variant<User, UserWithResources>> show_user(Path<"id", Id<User>> id, Query<UserQuery> query,
                                                       Db db);
Async<Created<User>> create_user(Body<NewUser> body, Db db);

Async<Accepted<Started>> process_resource(Path<"id", Id<Resource>> id, Db db, Queue queue);
Async<TaskState> show_task(Path<"id", std::string> id, Queue queue);

}  // namespace service

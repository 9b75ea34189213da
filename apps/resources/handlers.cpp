#include "handlers.hpp"

#include <brio/http/problem.hpp>

#include "tasks.hpp"

namespace service {

using http::not_found;
using http::require;

Async<Page<OwnedResource>> list_resources(List<listing> request, Db db) {
    co_return co_await db.page_with<owner>(std::move(request));
}

Async<OwnedResource> show_resource(Path<"id", Id<Resource>> id, Db db) {
    co_return require(co_await db.find_with<owner>(resources, *id), not_found("resource"));
}

Async<Created<Resource>> create_resource(Body<NewResource> body, Idempotent once, Db db) {
    auto given = std::move(body.value);
    given.owner_id = given.owner_id.value_or(Id<User>(1));
    co_return Created{
        co_await once.run<Resource>(db, [given](Db inside) { return inside.insert(resources, given); })};
}

Async<Resource> update_resource(Path<"id", Id<Resource>> id, Body<ResourcePatch> patch, IfMatch condition,
                                Db db) {
    auto updated = co_await db.update(resources, *id, std::move(patch.value), condition.expected());
    co_return require_changed(std::move(updated), "resource");
}

Async<NoContent> delete_resource(Path<"id", Id<Resource>> id, IfMatch condition, Db db) {
    require_changed(co_await db.erase(resources, *id, condition.expected()), "resource");
    co_return NoContent{};
}

Async<Page<User>> list_users(List<user_listing> request, Db db) {
    co_return co_await db.page(std::move(request));
}

Async<std::variant<User, UserWithResources>> show_user(Path<"id", Id<User>> id, Query<UserQuery> query,
                                                       Db db) {
    if (query->include == UserParts::resources) {
        co_return require(co_await db.find_with<owned>(users, *id), not_found("user"));
    }
    co_return require(co_await db.find(users, *id), not_found("user"));
}

Async<Created<User>> create_user(Body<NewUser> body, Db db) {
    co_return Created{co_await db.insert(users, std::move(body.value))};
}

Async<Accepted<Started>> process_resource(Path<"id", Id<Resource>> id, Db db, Queue queue) {
    if (!co_await db.exists(resources, *id)) {
        throw not_found("resource");
    }
    co_return Accepted{Started{co_await queue.push(ProcessData{*id})}};
}

Async<TaskState> show_task(Path<"id", std::string> id, Queue queue) {
    auto status = co_await queue.status(*id);
    // What other tasks say is for the operator: who has an id has it from process_resource.
    if (status.state == tasks::State::unknown || status.name != ProcessData::policy.name) {
        throw not_found("task");
    }
    TaskState shown{.state = std::string(name_of(status.state)),
                    .progress = status.state == tasks::State::done ? 1 : status.progress,
                    .words = std::move(status.progress_words)};
    if (status.state == tasks::State::done) {
        shown.result = json::Raw(status.result.empty() ? "null" : std::move(status.result));
    } else if (!status.error.empty()) {
        shown.error = status.error.substr(0, status.error.find('\n'));  // a stack is for the operator
    }
    co_return shown;
}

}  // namespace service

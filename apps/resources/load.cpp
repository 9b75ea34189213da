#include "load.hpp"

#include "handlers.hpp"

namespace service {
namespace {

struct Made {
    static constexpr bool open_object = true;  // its other fields are not looked at
    Id<Resource> id;
};

}  // namespace

Async<> ApiUser::on_start(load::Client client) { return create_resource(client); }

Async<> ApiUser::on_stop(load::Client client) {
    for (auto const id : created_) {
        co_await client.del(load::path("/api/resources/{id}", id));
    }
}

Async<> ApiUser::get_resources(load::Client client) {
    auto answer = co_await client.get("/api/resources");
    answer.check("has items", !answer.at("items[0].id").empty());
}

Async<> ApiUser::create_resource(load::Client client) {
    auto answer = co_await client.post(
        "/api/resources",
        NewResource{.name = Text<120, 1>("Test Resource"), .description = Text<2000>("Test Description")});
    answer.check_status(201);
    if (auto const made = answer.read<Made>()) {
        created_.push_back(made->id);
    }
}

Async<> ApiUser::update_resource(load::Client client) {
    if (created_.empty()) {
        co_return;  // its first one could not be created
    }
    auto const id = created_[client.random().below(created_.size())];
    auto answer = co_await client.put(load::path("/api/resources/{id}", id),
                                      ResourcePatch{.name = Text<120, 1>("Updated Resource")});
    answer.check_status(200);
}

}  // namespace service

// What the users of a load test do, as plain C++:
//
//     struct ApiUser {
//         Async<> list_resources(load::Client client) { co_await client.get("/api/resources"); }
//         Async<> create_resource(load::Client client);
//
//         static constexpr auto wait = load::between(1s, 3s);
//         static constexpr auto tasks = load::tasks(load::task(&ApiUser::list_resources, "list", 3),
//                                                   load::task(&ApiUser::create_resource, "create"));
//     };
//
// Each user is an object of its own, made without arguments, whose members last as long as it does. It may
// have `Async<> on_start(load::Client)` and `on_stop`, run once before and after its tasks; a
// `static constexpr double share` says how many there are of its type beside others (1 without); without
// `wait` it rests for no time. A task is chosen at random by its weight. What a function throws is counted,
// and the user goes on with its next task; what on_start throws ends it.
//
// All functions of a user run on one thread, one at a time; users of one type run on several threads when the
// run has several, so what they share must bear that.
#pragma once
#include <array>
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <brio/load/client.hpp>
#include <brio/load/wait.hpp>
#include <brio/runtime/async.hpp>

namespace brio::load {

template <class User>
struct Task {
    Async<> (User::*run)(Client);
    std::string_view name;
    double weight;
};

template <class User>
constexpr Task<User> task(Async<> (User::*run)(Client), std::string_view name, double weight = 1) {
    return {run, name, weight};
}
template <class User, std::same_as<Task<User>>... More>
constexpr std::array<Task<User>, 1 + sizeof...(More)> tasks(Task<User> first, More... more) {
    return {first, more...};
}

/// One user of any type, for the engine.
class AnyUser {
public:
    virtual ~AnyUser() = default;
    virtual Async<> start(Client client) = 0;
    virtual Async<> run(std::size_t task, Client client) = 0;
    virtual Async<> stop(Client client) = 0;
};

/// What is known of a type of users.
struct UserType {
    struct Choice {
        std::string name;
        double weight = 1;
    };
    std::string name;
    double share = 1;
    Wait wait = none();
    std::vector<Choice> tasks;
    bool has_start = false;
    bool has_stop = false;
    std::function<std::unique_ptr<AnyUser>()> make;

    /// A task by weight. Requires some weight above 0.
    std::size_t choose(Random& random) const;
};

/// Of how many of each type `total` users consist, by their shares: the largest remainders get what is left.
std::vector<std::size_t> split(std::size_t total, const std::vector<UserType>& types);

struct Scenario {
    std::string name;
    std::vector<UserType> types;  // at least one
};

namespace detail {

template <class User>
class UserOf final : public AnyUser {
public:
    Async<> start(Client client) override {
        if constexpr (requires { user_.on_start(client); }) {
            return user_.on_start(client);
        }
        return {};
    }
    Async<> run(std::size_t task, Client client) override { return (user_.*User::tasks[task].run)(client); }
    Async<> stop(Client client) override {
        if constexpr (requires { user_.on_stop(client); }) {
            return user_.on_stop(client);
        }
        return {};
    }

private:
    User user_;
};

/// "ApiUser" of "brio::service::ApiUser".
template <class User>
std::string name_of() {
    std::string_view name = __PRETTY_FUNCTION__;  // "... [User = service::ApiUser]"
    name = name.substr(name.find("User = ") + 7);
    name = name.substr(0, name.find_first_of("];"));
    auto const colon = name.rfind(':');
    return std::string(colon == std::string_view::npos ? name : name.substr(colon + 1));
}

}  // namespace detail

template <class User>
concept Scripted = std::default_initializable<User> && requires {
    { User::tasks[0].run } -> std::convertible_to<Async<> (User::*)(Client)>;
};

template <Scripted User>
UserType user_type() {
    UserType type{.name = detail::name_of<User>(), .tasks = {}};
    if constexpr (requires { User::share; }) {
        type.share = User::share;
    }
    if constexpr (requires { User::wait; }) {
        type.wait = User::wait;
    }
    for (auto const& each : User::tasks) {
        type.tasks.push_back({std::string(each.name), each.weight});
    }
    type.has_start = requires(User user, Client client) { user.on_start(client); };
    type.has_stop = requires(User user, Client client) { user.on_stop(client); };
    type.make = [] { return std::make_unique<detail::UserOf<User>>(); };
    return type;
}

template <Scripted... User>
Scenario scenario(std::string name) {
    return {std::move(name), {user_type<User>()...}};
}

}  // namespace brio::load

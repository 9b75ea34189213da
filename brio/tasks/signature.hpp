// What a task takes along to be pushed at its end, as Celery writes it: signatures, which are tasks that are
// not pushed yet, alone or as chains, groups and chords (docs.celeryq.dev "Canvas"; measured with Celery
// 5.2.6).
//
//     {"task":"app.add","args":[1],"kwargs":{},"options":{"task_id":"…"},"subtask_type":null,
//      "immutable":false}
//
// Pure. Whoever reads one keeps what it does not know: it travels on to workers that may know it.
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/tasks/celery_json.hpp>
#include <brio/tasks/message.hpp>
#include <brio/tasks/tasks.hpp>

namespace brio::tasks {

/// Message::embed, taken apart.
struct Embed {
    static constexpr bool open_object = true;
    std::optional<std::vector<json::Raw>> callbacks;  // pushed when it is done
    std::optional<std::vector<json::Raw>> errbacks;   // pushed when it failed for good
    std::optional<std::vector<json::Raw>> chain;      // what comes after it, the next one last
    std::optional<json::Raw> chord;                   // pushed when all of its group are done

    /// Of what no signature can be made of there is nothing.
    static Embed read(std::string_view json);
    std::string text() const;
    bool says_nothing() const noexcept;
};

/// What a signature comes after.
struct Before {
    const Tasks& tasks;
    Timestamp now;
    std::string id;       // of the task; empty: it is pushed by a program
    std::string root_id;  // empty: what is pushed is its own root
    Trace trace;
    std::string queue;  // where tasks go that this program does not know; empty: default_queue
    std::optional<std::string> result;  // JSON: the first argument of what is not immutable
    int place = 0;                      // among all that comes after the task
};

/// Of one signature, and what is made on the way: a small one may make much, as each task of a group takes
/// along what comes after it.
inline constexpr std::size_t most_fired = 100'000;
inline constexpr std::size_t most_fired_bytes = std::size_t{64} << 20;

/// The messages to be pushed now of a signature, with what comes after it (the next one last). Each time the
/// same ones: those without an id get one that depends on `before.id` and their place. All of them or, when a
/// task of it cannot be pushed, why.
std::expected<std::vector<Message>, std::string> fire(const json::Raw& signature,
                                                      std::vector<json::Raw> chain, const Before& before);

/// The place of a chain's last step in the group of a chord, which its failure tells as well.
struct Part {
    std::string group;
    std::int64_t index = 0;
    std::uint64_t size = 0;
    std::string id;
    json::Raw chord;
};
/// Of a task that is one itself, or that comes before one in a chain.
std::optional<Part> part_of(const Message& message, const Embed& embed);

}  // namespace brio::tasks

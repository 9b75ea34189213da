// What was typed of `brio tasks`.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace brio::tool {

enum class TaskVerb : std::uint8_t {
    queues,
    list,
    show,
    send,
    retry,
    drop,
    revoke,
    pause,
    resume,
    purge,
    schedule,
    turn_on,
    turn_off,
    run,
};

struct TaskWords {
    TaskVerb verb = TaskVerb::queues;
    std::string admin;             // URL
    bool is_json = false;          // print what the service answers
    bool is_sure = false;          // do not ask
    std::vector<std::string> ids;  // of tasks
    bool is_all = false;           // all dead ones
    std::string name;              // of a task, a queue, an entry of the schedule
    std::string queue;             // of the dead; where to send
    std::string state;             // of a list
    std::uint32_t most = 50;
    std::string arguments;  // JSON
    std::uint32_t countdown = 0;
};

struct ParsedTaskWords {
    std::optional<TaskWords> words;  // none: print `text` and end with `status`
    std::string text;
    int status = 0;
};
ParsedTaskWords parse_task_words(const std::vector<std::string>& arguments);

}  // namespace brio::tool

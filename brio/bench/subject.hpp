// A program under measurement: a child of this process that obeys orders (protocol.hpp).
#pragma once
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include <brio/bench/protocol.hpp>
#include <brio/runtime/file.hpp>

namespace brio::bench {

struct Launch {
    std::string program;  // its file
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;  // beside this process' own
};

/// Runs it to its end. Throws std::runtime_error with what it said when it does not end well.
void run_to_end(const Launch& launch);

class Subject {
public:
    /// Starts it and waits for its hello. Throws std::runtime_error when it does not come, or is of another
    /// protocol.
    explicit Subject(const Launch& launch);
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;
    /// Closes its input, upon which it ends.
    ~Subject();

    /// Throws std::runtime_error when it cannot be done, with what the program says.
    Reading ask(const Order& order);
    /// The two halves of it.
    void tell(const Order& order);
    Reading hear();

    pid_t pid() const noexcept { return pid_; }

private:
    std::string read_line();

    std::string program_;
    pid_t pid_ = -1;
    runtime::File input_;  // of the child
    runtime::File output_;
    std::string received_;
};

}  // namespace brio::bench

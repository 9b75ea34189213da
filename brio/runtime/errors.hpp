// Failures of the environment that pass: whoever asked may ask again. An HTTP client gets 503 with
// Retry-After.
#pragma once
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

namespace brio::runtime {

/// Something that is needed cannot be reached or used now: the database is gone, its lock is held too long.
class Unavailable : public std::runtime_error {
public:
    explicit Unavailable(const std::string& what, std::chrono::seconds retry = std::chrono::seconds(1))
        : std::runtime_error(what),
          retry_after(retry) {}
    std::chrono::seconds retry_after;
};

/// A bounded queue or pool is full.
class Overloaded : public Unavailable {
public:
    explicit Overloaded(std::string_view which) : Unavailable(std::string(which) + " is full") {}
};

}  // namespace brio::runtime

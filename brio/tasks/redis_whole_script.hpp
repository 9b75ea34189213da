// A script of the Redis broker behind what all of them begin with.
#pragma once
#include <string>
#include <string_view>

#include <brio/redis/script.hpp>

namespace brio::tasks::redis_scripts {

class Whole {
public:
    explicit Whole(std::string_view text);
    const redis::Script& script() const noexcept { return script_; }

private:
    const std::string text_;
    const redis::Script script_;
};

/// One whose usual way needs little of that: each run of a script makes its functions anew, a microsecond for
/// all of them. They are what rest() gives.
class Swift {
public:
    explicit Swift(std::string_view text);
    const redis::Script& script() const noexcept { return script_; }

private:
    const std::string text_;
    const redis::Script script_;
};

}  // namespace brio::tasks::redis_scripts

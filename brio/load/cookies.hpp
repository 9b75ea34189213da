// The cookies of one user (RFC 6265 §5, as far as one server needs it): a Set-Cookie replaces the cookie of
// its name, one with Max-Age=0 or below ends it. Path, Expires and Domain are not looked at: all requests go
// to one origin, and a run is short.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::load {

class Cookies {
public:
    static constexpr std::size_t most = 50;  // as RFC 6265 §6.1; the oldest goes

    /// Of each Set-Cookie field of an answer's head.
    void note(std::string_view head);
    /// Of one field's value.
    void set(std::string_view set_cookie);
    /// "a=1; b=2", or empty.
    std::string field() const;
    bool empty() const noexcept { return cookies_.empty(); }

private:
    std::vector<std::pair<std::string, std::string>> cookies_;
};

}  // namespace brio::load

// What is wrong with one field of a request, and the list of all of them that a 422 shows.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::http {

enum class In : std::uint8_t { path, query, header, cookie, body };
std::string_view name_of(In in) noexcept;

struct FieldError {
    In in = In::body;
    std::string name;     // of the field, "items[3].name" within a body; empty for the whole of it
    std::string message;  // what it must be: "must be an integer"
};

/// A name that a client sent, as an answer may repeat it: at most 64 bytes, and ASCII that stands in no name
/// as '?', so that no answer carries a client's markup or SQL.
std::string shown_name(std::string_view name);

/// Keeps the first `most`; counts no more.
class FieldErrors {
public:
    static constexpr std::size_t most = 32;

    void add(In in, std::string_view name, std::string_view message) {
        if (list_.size() < most) {
            list_.push_back({in, shown_name(name), std::string(message)});
        }
    }
    bool empty() const noexcept { return list_.empty(); }
    const std::vector<FieldError>& list() const noexcept { return list_; }
    std::vector<FieldError> take() noexcept { return std::exchange(list_, {}); }
    void clear() noexcept { list_.clear(); }

private:
    std::vector<FieldError> list_;
};

}  // namespace brio::http

// The bytes that go out, made before the clock starts.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// A request whose path and body may hold `{n}`, replaced by a number of [first, last].
struct RequestTemplate {
    std::string method = "GET";
    std::string path = "/";
    std::string body;
    std::vector<std::string> fields;  // "Name: value"
    std::uint64_t first = 1;
    std::uint64_t last = 1;
    bool in_sequence = false;  // else uniformly random, always from the same seed
};

/// Rendered requests one after the other, so that any run of them is one span of bytes.
class RequestPool {
public:
    /// The first `longest_run` requests are kept a second time at the end, so that a run never wraps.
    explicit RequestPool(std::size_t longest_run) : longest_run_(longest_run) {}

    void add(std::string_view request);
    /// Call once, after the last add().
    void seal();

    std::size_t size() const noexcept { return count_; }
    /// The bytes of `count` requests from `first` on; count at most `longest_run`, first below size().
    std::string_view run(std::size_t first, std::size_t count) const noexcept {
        return std::string_view(bytes_).substr(ends_[first], ends_[first + count] - ends_[first]);
    }

private:
    std::size_t longest_run_;
    std::size_t count_ = 0;
    std::string bytes_;
    std::vector<std::size_t> ends_{0};
};

/// One request in full; a Content-Length (and a JSON Content-Type) is added when there is a body.
std::string render(const RequestTemplate& request, std::uint64_t number);

/// `variants` requests of one template: one is enough without `{n}`.
RequestPool make_pool(const RequestTemplate& request, std::size_t variants, std::size_t longest_run);

/// One request for each line "METHOD PATH [BODY]" of `text`, with the fields of `request`.
/// Throws std::invalid_argument with the number of a line that is not of this form.
RequestPool make_pool_of_lines(std::string_view text, RequestTemplate request, std::size_t longest_run);

}  // namespace bench

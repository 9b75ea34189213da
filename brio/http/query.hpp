// Reads the name/value pairs of a query string or of an application/x-www-form-urlencoded body.
#pragma once
#include <brio/base/buffer.hpp>
#include <brio/http/rejection.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace brio::http {

/// while (auto pair = reader.next()) { … }  if (reader.rejection()) { … 400 … }
/// Pairs are separated by '&'; empty ones are skipped; a pair without '=' has an empty value; '+' is a space.
/// Names may repeat. Views are valid as long as the raw text and `scratch`, which must not be touched until
/// the reader is done.
class QueryReader {
public:
    struct Pair {
        std::string_view name;
        std::string_view value;
    };
    /// Reserves raw.size() bytes in `scratch` if the text holds an escape; allocates nothing else.
    QueryReader(std::string_view raw, Buffer& scratch, std::size_t max_pairs = 64);

    /// The next pair; nothing at the end and after an error.
    std::optional<Pair> next();
    /// Why next() stopped before the end: a bad escape, %00, or too many pairs.
    const std::optional<Rejection>& rejection() const noexcept { return rejection_; }

private:
    std::optional<Pair> stop(const Rejection& why);

    std::string_view rest_;
    Buffer* scratch_;
    std::size_t pairs_left_;
    std::optional<Rejection> rejection_;
};

}  // namespace brio::http

// Reads a value of any shape from JSON text, collecting what is wrong with it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <brio/json/detail/scanner.hpp>
#include <brio/json/read.hpp>
#include <brio/json/shape.hpp>

namespace brio::json::detail {

/// As many as a struct has fields at most.
inline constexpr std::size_t most_parts = 64;

/// Where a value stands: a key or an index, and what holds it.
struct Path {
    const Path* parent = nullptr;
    std::string_view key{};
    std::size_t index = no_index;

    static constexpr std::size_t no_index = SIZE_MAX;
    std::string text() const;
};

/// Used once. The functions answer false when the reading is over: no JSON, too deep, too large. A value that
/// is not of its shape is noted, passed over and no such case.
class Reader {
public:
    Reader(std::string_view text, const ReadLimits& limits) noexcept;

    std::optional<ReadError> read(const Shape& shape, void* target);

private:
    bool read_value(const Shape& shape, void* target, const Path& path);
    bool read_boolean(const Shape& shape, void* target, const Path& path);
    bool read_number(const Shape& shape, void* target, const Path& path);
    bool read_integer(const Shape& shape, void* target, const Path& path, Number number);
    bool read_text(const Shape& shape, void* target, const Path& path);
    bool read_object(const Shape& shape, void* target, const Path& path);
    bool read_members(const Shape& shape, void* target, const Path& path);
    bool read_map(const Shape& shape, void* target, const Path& path);
    bool read_list(const Shape& shape, void* target, const Path& path);
    bool read_sequence(const Shape& shape, void* target, const Path& path);
    bool read_variant(const Shape& shape, void* target, const Path& path);
    bool read_raw(const Shape& shape, void* target);
    bool read_wire(const Shape& shape, void* target, const Path& path);

    /// Notes the kinds of JSON that would have been right and passes over the value.
    bool mismatch(const Shape& shape, const Path& path);
    void invalid(const Path& path, std::string message);
    bool skip();
    bool skip_container(char bracket);

    bool enter();
    void leave() noexcept { --depth_; }
    bool count_element();
    bool fail(ReadError::Kind kind) noexcept;

    Scanner scanner_;
    ReadLimits limits_;
    std::size_t depth_ = 0;
    std::size_t elements_ = 0;
    ReadError error_{};
};

}  // namespace brio::json::detail

#include <brio/json/detail/reader.hpp>

#include <span>

#include <brio/base/text.hpp>

namespace brio::json::detail {
namespace {

/// The place of `key`, looked for first where it stands when the keys come in the order of the fields;
/// most_parts when it is none.
std::size_t find_part(std::span<const Part> parts, std::string_view key, std::size_t expected) noexcept {
    if (expected < parts.size() && parts[expected].name.data() == key.data()) {
        return expected;  // the scanner guessed it
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].name == key) {
            return i;
        }
    }
    return most_parts;
}

}  // namespace

bool Reader::read_object(const Shape& shape, void* target, const Path& path) {
    if (scanner_.peek() != '{') {
        return mismatch(shape, path);
    }
    if (!enter() || !read_members(shape, target, path)) {
        return false;
    }
    leave();
    return true;
}

bool Reader::read_members(const Shape& shape, void* target, const Path& path) {
    void* parts[most_parts];
    shape.store.locate(target, parts);
    std::uint64_t seen = 0;
    std::size_t expected = 0;
    bool is_first = true;
    std::string_view key;
    const auto guess = [&] {
        return expected < shape.parts.size() ? shape.parts[expected].name : std::string_view();
    };
    for (Next next; (next = scanner_.next_member(is_first, key, guess())) != Next::end;) {
        if (next == Next::failed) {
            return false;
        }
        const std::size_t index = find_part(shape.parts, key, expected);
        const std::uint64_t bit = index < most_parts ? std::uint64_t{1} << index : 0;
        if (bit == 0 || (seen & bit) != 0) {
            if (bit != 0 || !shape.open) {
                invalid({&path, key}, bit != 0 ? "is given twice" : "is not a known field");
            }
            if (!skip()) {
                return false;
            }
            continue;
        }
        seen |= bit;
        expected = index + 1;
        if (!read_value(*shape.parts[index].shape, parts[index], {&path, shape.parts[index].name})) {
            return false;
        }
    }
    const std::uint64_t all =
        shape.parts.size() == most_parts ? ~std::uint64_t{0} : (std::uint64_t{1} << shape.parts.size()) - 1;
    if (seen != all) {
        const std::uint64_t missing = all & ~seen & ~shape.optional_parts();
        for (std::size_t i = 0; i < shape.parts.size(); ++i) {
            if ((missing >> i & 1) != 0) {
                invalid({&path, shape.parts[i].name}, "is required");
            }
        }
    }
    return true;
}

bool Reader::read_map(const Shape& shape, void* target, const Path& path) {
    if (scanner_.peek() != '{') {
        return mismatch(shape, path);
    }
    if (!enter()) {
        return false;
    }
    bool is_first = true;
    std::string_view key;
    for (Next next; (next = scanner_.next_member(is_first, key)) != Next::end;) {
        if (next == Next::failed || !count_element()) {
            return false;
        }
        const std::string kept(scanner_.is_own(key) ? std::string_view()
                                                    : key);  // the next string takes its place
        const Path place{&path, kept.empty() ? key : std::string_view(kept)};
        void* item = shape.store.grow(target, key);
        if (item == nullptr) {
            invalid(place, "is given twice");
        }
        if (item == nullptr ? !skip() : !read_value(*shape.item, item, place)) {
            return false;
        }
    }
    leave();
    return true;
}

bool Reader::read_list(const Shape& shape, void* target, const Path& path) {
    if (scanner_.peek() != '[') {
        return mismatch(shape, path);
    }
    if (!enter()) {
        return false;
    }
    bool is_first = true;
    std::size_t index = 0;
    for (Next next; (next = scanner_.next_item(is_first)) != Next::end; ++index) {
        if (next == Next::failed || !count_element() ||
            !read_value(*shape.item, shape.store.grow(target, {}), {&path, {}, index})) {
            return false;
        }
    }
    leave();
    return true;
}

bool Reader::read_sequence(const Shape& shape, void* target, const Path& path) {
    if (scanner_.peek() != '[') {
        return mismatch(shape, path);
    }
    if (!enter()) {
        return false;
    }
    const bool is_tuple = shape.kind == Kind::tuple;
    const std::size_t size = is_tuple ? shape.parts.size() : shape.most;
    bool is_first = true;
    std::size_t index = 0;
    for (Next next; (next = scanner_.next_item(is_first)) != Next::end; ++index) {
        if (next == Next::failed) {
            return false;
        }
        const bool fits = index < size;
        const Shape* item = !fits ? nullptr : is_tuple ? shape.parts[index].shape : shape.item;
        if (fits ? !read_value(*item, shape.store.select(target, index), {&path, {}, index}) : !skip()) {
            return false;
        }
    }
    if (index != size) {
        invalid(path,
                concat({"must have exactly ", brio::integer_text(size), size == 1 ? " item" : " items"}));
    }
    leave();
    return true;
}

}  // namespace brio::json::detail

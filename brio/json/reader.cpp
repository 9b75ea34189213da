#include <brio/json/detail/reader.hpp>

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include <brio/base/text.hpp>
#include <brio/reflect/parse_text.hpp>
#include <brio/reflect/utf8.hpp>

namespace brio::json::detail {
namespace {

constexpr std::size_t most_depth = 1024;
constexpr std::size_t most_key_shown = 64;

bool begins_number(char c) noexcept { return c == '-' || (c >= '0' && c <= '9'); }

std::uint8_t kind_of(char first) noexcept {
    switch (first) {
        case '{': return json_object;
        case '[': return json_array;
        case '"': return json_string;
        case 't':
        case 'f': return json_boolean;
        case 'n': return json_null;
        default: return begins_number(first) ? json_integer | json_number : 0;
    }
}

/// "must be an integer or null".
std::string expected_text(std::uint8_t kinds) {
    constexpr std::pair<std::uint8_t, std::string_view> names[] = {{json_boolean, "true or false"},
                                                                   {json_number, "a number"},
                                                                   {json_integer, "an integer"},
                                                                   {json_string, "a string"},
                                                                   {json_array, "an array"},
                                                                   {json_object, "an object"},
                                                                   {json_null, "null"}};
    if ((kinds & json_number) != 0) {
        kinds &= static_cast<std::uint8_t>(~json_integer);
    }
    std::string text = "must be ";
    std::string_view separator;
    for (const auto& [kind, name] : names) {
        if ((kinds & kind) != 0) {
            text.append(separator).append(name);
            separator = " or ";
        }
    }
    return text;
}

/// Digits that cannot be too many, nothing for others.
std::optional<std::uint64_t> small_number(std::string_view digits) noexcept {
    if (digits.size() > 18 || digits.front() == '-') {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char c : digits) {
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

}  // namespace

std::string Path::text() const {
    if (parent == nullptr) {
        return {};
    }
    std::string text = parent->text();
    if (index != no_index) {
        return text.append("[").append(brio::integer_text(index)).append("]");
    }
    if (!text.empty()) {
        text.push_back('.');
    }
    return text.append(reflect::utf8_front(key, most_key_shown));
}

Reader::Reader(std::string_view text, const ReadLimits& limits) noexcept : scanner_(text), limits_(limits) {
    limits_.depth = std::min(limits_.depth, most_depth);
}

std::optional<ReadError> Reader::read(const Shape& shape, void* target) {
    error_.kind = ReadError::Kind::invalid;
    if (!read_value(shape, target, Path()) || !scanner_.is_at_end()) {
        if (error_.kind == ReadError::Kind::invalid) {
            fail(ReadError::Kind::unparsable);
        }
        error_.fields.clear();
        return std::move(error_);
    }
    return error_.fields.empty() ? std::nullopt : std::optional(std::move(error_));
}

bool Reader::fail(ReadError::Kind kind) noexcept {
    error_.kind = kind;
    if (kind != ReadError::Kind::too_large) {
        error_.offset = scanner_.offset();
    }
    return false;
}

void Reader::invalid(const Path& path, std::string message) {
    if (error_.fields.size() < ReadError::most_fields) {
        error_.fields.push_back({path.text(), std::move(message)});
    }
}

bool Reader::enter() {
    if (depth_ == limits_.depth) {
        return fail(ReadError::Kind::too_deep);
    }
    ++depth_;
    scanner_.open();
    return true;
}

bool Reader::count_element() { return ++elements_ <= limits_.elements || fail(ReadError::Kind::too_large); }

bool Reader::mismatch(const Shape& shape, const Path& path) {
    invalid(path, shape.names.empty() ? expected_text(shape.json_kinds) : reflect::one_of_text(shape.names));
    return skip();
}

bool Reader::read_value(const Shape& shape, void* target, const Path& path) {
    switch (shape.kind) {
        case Kind::text: return read_text(shape, target, path);
        case Kind::integer:
        case Kind::number: return read_number(shape, target, path);
        case Kind::boolean: return read_boolean(shape, target, path);
        case Kind::nullable:
            if (scanner_.peek() == 'n') {
                return skip();
            }
            if ((kind_of(scanner_.peek()) & shape.json_kinds) == 0) {
                return mismatch(shape, path);
            }
            return read_value(*shape.item, shape.store.grow(target, {}), path);
        case Kind::object: return read_object(shape, target, path);
        case Kind::list: return read_list(shape, target, path);
        case Kind::array:
        case Kind::tuple: return read_sequence(shape, target, path);
        case Kind::map: return read_map(shape, target, path);
        case Kind::variant: return read_variant(shape, target, path);
        case Kind::raw: return read_raw(shape, target);
        case Kind::wire: return read_wire(shape, target, path);
    }
    return false;
}

bool Reader::read_boolean(const Shape& shape, void* target, const Path& path) {
    const char first = scanner_.peek();
    if (first != 't' && first != 'f') {
        return mismatch(shape, path);
    }
    if (!scanner_.take(first == 't' ? "true" : "false")) {
        return false;
    }
    shape.store.integer(target, first == 't' ? 1 : 0);
    return true;
}

bool Reader::read_number(const Shape& shape, void* target, const Path& path) {
    if (!begins_number(scanner_.peek())) {
        return mismatch(shape, path);
    }
    Number number;
    if (!scanner_.take_number(number)) {
        return false;
    }
    if (shape.kind == Kind::integer) {
        return read_integer(shape, target, path, number);
    }
    const double most = shape.format == "float" ? static_cast<double>(std::numeric_limits<float>::max())
                                                : std::numeric_limits<double>::max();
    const auto value = reflect::detail::parse_double(number.text, most);
    if (value) {
        shape.store.number(target, *value);
    } else {
        invalid(path, "must be a number within the range of its type");
    }
    return true;
}

bool Reader::read_integer(const Shape& shape, void* target, const Path& path, Number number) {
    if (!number.is_integer) {
        invalid(path, expected_text(json_integer));
        return true;
    }
    if (const auto small = small_number(number.text);
        small && std::cmp_less_equal(shape.least, *small) && *small <= shape.most) {
        shape.store.integer(target, *small);
        return true;
    }
    const auto value = reflect::detail::parse_integer(number.text, {shape.least, shape.most});
    if (value) {
        shape.store.integer(target, *value);
    } else {
        invalid(path, value.error());
    }
    return true;
}

bool Reader::read_text(const Shape& shape, void* target, const Path& path) {
    if (scanner_.peek() != '"') {
        return mismatch(shape, path);
    }
    std::string_view text;
    if (!scanner_.take_string(text)) {
        return false;
    }
    std::string error;
    if (!shape.store.text(target, text, error)) {
        invalid(path, std::move(error));
    }
    return true;
}

bool Reader::read_variant(const Shape& shape, void* target, const Path& path) {
    std::uint8_t kind = kind_of(scanner_.peek());
    if ((kind & json_integer) != 0) {
        kind = scanner_.is_at_integer() ? json_integer : json_number;
    }
    std::size_t chosen = most_parts;
    for (std::size_t i = 0; i < shape.parts.size(); ++i) {
        const std::uint8_t kinds = shape.parts[i].shape->json_kinds;
        const bool is_better =
            chosen == most_parts || (kinds & json_number) == 0;  // integers rather to an integer
        if ((kinds & kind) != 0 && is_better) {
            chosen = i;
        }
    }
    if (chosen == most_parts) {
        return mismatch(shape, path);
    }
    return read_value(*shape.parts[chosen].shape, shape.store.select(target, chosen), path);
}

bool Reader::read_raw(const Shape& shape, void* target) {
    scanner_.peek();
    const std::size_t first = scanner_.offset();
    if (!skip()) {
        return false;
    }
    std::string unused;
    return shape.store.text(target, scanner_.between(first, scanner_.offset()), unused);
}

bool Reader::read_wire(const Shape& shape, void* target, const Path& path) {
    struct Context {
        Reader* reader;
        const Shape* shape;
        const Path* path;
        bool goes_on;
    } context{this, shape.item, &path, true};
    const auto read = [](void* opaque, void* wire) {
        auto& it = *static_cast<Context*>(opaque);
        const std::size_t errors = it.reader->error_.fields.size();
        it.goes_on = it.reader->read_value(*it.shape, wire, *it.path);
        return it.goes_on && it.reader->error_.fields.size() == errors && errors < ReadError::most_fields;
    };
    std::string error;
    if (!shape.store.wire(target, {read, &context}, error) && context.goes_on && !error.empty()) {
        invalid(path, std::move(error));
    }
    return context.goes_on;
}

bool Reader::skip() {
    const char first = scanner_.peek();
    switch (first) {
        case '{':
        case '[': return skip_container(first);
        case '"': return scanner_.skip_string();
        case 't': return scanner_.take("true");
        case 'f': return scanner_.take("false");
        case 'n': return scanner_.take("null");
        default: break;
    }
    Number number;
    return begins_number(first) && scanner_.take_number(number);
}

bool Reader::skip_container(char bracket) {
    if (!enter()) {
        return false;
    }
    bool is_first = true;
    std::string_view key;
    for (;;) {
        const Next next = bracket == '{' ? scanner_.next_member(is_first, key) : scanner_.next_item(is_first);
        if (next == Next::end) {
            leave();
            return true;
        }
        if (next == Next::failed || !skip()) {
            return false;
        }
    }
}

}  // namespace brio::json::detail

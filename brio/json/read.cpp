#include <brio/json/read.hpp>

#include <brio/base/text.hpp>
#include <brio/json/detail/reader.hpp>

namespace brio::json {

namespace detail {

std::optional<ReadError> read_shape(std::string_view text, const ReadLimits& limits, const Shape& shape,
                                    void* target) {
    if (text.size() > limits.bytes) {
        return ReadError{ReadError::Kind::too_large, {}, {}};
    }
    return Reader(text, limits).read(shape, target);
}

}  // namespace detail

std::string describe(const ReadError& error) {
    switch (error.kind) {
        case ReadError::Kind::too_large: return "is too large";
        case ReadError::Kind::too_deep:
            return concat({"is nested too deep (at byte ", integer_text(error.offset.value_or(0)), ")"});
        case ReadError::Kind::unparsable:
            return concat({"is not JSON (at byte ", integer_text(error.offset.value_or(0)), ")"});
        case ReadError::Kind::invalid: break;
    }
    std::string text;
    for (const auto& [path, message] : error.fields) {
        text.append(text.empty() ? "" : "; ").append(path).append(path.empty() ? "" : ": ").append(message);
    }
    return text;
}

}  // namespace brio::json

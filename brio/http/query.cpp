#include <brio/http/percent.hpp>
#include <brio/http/query.hpp>

namespace brio::http {

namespace {

constexpr Rejection too_many_pairs{400, "invalid_query", "there are more query parameters than the limit"};
constexpr Rejection invalid_escape{400, "invalid_query",
                                   "a % in the query is not followed by two hex digits, or encodes NUL"};

}  // namespace

QueryReader::QueryReader(std::string_view raw, Buffer& scratch, std::size_t max_pairs)
    : rest_(raw),
      scratch_(&scratch),
      pairs_left_(max_pairs) {
    if (raw.find_first_of("%+") != std::string_view::npos) {
        scratch.prepare(raw.size());
    }
}

std::optional<QueryReader::Pair> QueryReader::next() {
    std::string_view part;
    while (part.empty()) {
        if (rest_.empty()) {
            return std::nullopt;
        }
        const auto end = rest_.find('&');
        part = rest_.substr(0, end);
        rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    }
    if (pairs_left_-- == 0) {
        return stop(too_many_pairs);
    }
    const auto equals = part.find('=');
    const auto raw_value = equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
    const auto name = percent_decode(part.substr(0, equals), Plus::space, *scratch_);
    const auto value = percent_decode(raw_value, Plus::space, *scratch_);
    if (!name || !value) {
        return stop(invalid_escape);
    }
    return Pair{*name, *value};
}

std::optional<QueryReader::Pair> QueryReader::stop(const Rejection& why) {
    rejection_ = why;
    rest_ = {};
    return std::nullopt;
}

}  // namespace brio::http

#include <brio/http/multipart.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <brio/base/text.hpp>
#include <brio/http/multipart_disposition.hpp>
#include <brio/http/token.hpp>
#include <brio/reflect/utf8.hpp>

namespace brio::http {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t longest_boundary = 70;

bool is_boundary_char(char c) noexcept {
    const bool alphanumeric = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
    return alphanumeric || (c != '\0' && std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos);
}

bool is_name(std::string_view text) noexcept {
    return !text.empty() && reflect::is_utf8(text) && std::ranges::none_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

// Encodings that change nothing (RFC 2045 §6.2).
bool is_identity(std::string_view encoding) noexcept {
    return std::ranges::any_of(std::array<std::string_view, 3>{"7bit", "8bit", "binary"},
                               [&](std::string_view each) { return equals_ignoring_case(encoding, each); });
}

}  // namespace

bool is_valid_boundary(std::string_view boundary) noexcept {
    return !boundary.empty() && boundary.size() <= longest_boundary && boundary.back() != ' ' &&
           std::ranges::all_of(boundary, is_boundary_char);
}

MultipartReader::MultipartReader(std::string_view body, std::string_view boundary, MultipartLimits limits)
    : body_(body),
      delimiter_(concat({"\r\n--", boundary})),
      limits_(limits) {}

std::optional<MultipartReader::Part> MultipartReader::stop(std::string_view detail) {
    ended_ = true;
    rejection_ = Rejection{400, "malformed_form", detail};
    return std::nullopt;
}

// The first delimiter line that begins at `from` or later. One whose line goes on behind the boundary is none
// that a careful reader would take and none that it would skip: an error.
std::optional<MultipartReader::Delimiter> MultipartReader::find_delimiter(std::size_t from) {
    const bool at_start =
        from == 0 && body_.starts_with(std::string_view(delimiter_).substr(line_end.size()));
    const auto at = at_start ? 0 : body_.find(delimiter_, from);
    if (at == std::string_view::npos) {
        stop("the form ends without its last boundary");
        return std::nullopt;
    }
    auto next = at + delimiter_.size() - (at_start ? line_end.size() : 0);
    const bool is_last = body_.substr(next).starts_with("--");
    next = body_.find_first_not_of(" \t", next + (is_last ? 2 : 0));
    if (is_last && next == std::string_view::npos) {
        return Delimiter{at, body_.size(), true};
    }
    if (!body_.substr(std::min(next, body_.size())).starts_with(line_end)) {
        stop("a boundary of the form does not stand in a line of its own");
        return std::nullopt;
    }
    return Delimiter{at, next + line_end.size(), is_last};
}

// One header line that is neither empty nor folded.
std::string_view MultipartReader::read_line(std::string_view line, Part& part, Seen& seen) const {
    const auto colon = std::min(line.find(':'), line.size());
    const auto name = line.substr(0, colon);
    if (colon == line.size() || !is_token(name) || !all_of_class(line, value_char)) {
        return "a header line of a part is malformed";
    }
    const auto value = trim(line.substr(colon + 1));
    if (equals_ignoring_case(name, "content-disposition")) {
        auto disposition = parse_form_disposition(value);
        if (!disposition || std::exchange(seen.disposition, true)) {
            return "a part needs one Content-Disposition: form-data with a name";
        }
        if (disposition->name.size() > limits_.name_bytes || !is_name(disposition->name)) {
            return "the name of a field is empty, too long, no UTF-8 or holds control characters";
        }
        part.name = std::move(disposition->name);
        part.filename = std::move(disposition->filename);
    } else if (equals_ignoring_case(name, "content-type")) {
        if (std::exchange(seen.type, true)) {
            return "a part has two Content-Types";
        }
        part.content_type = value;
    } else if (equals_ignoring_case(name, "content-transfer-encoding") && !is_identity(value)) {
        return "a part must not have a Content-Transfer-Encoding (RFC 7578)";
    }
    return {};
}

// Reads the header lines from `position_`, which afterwards is where the part's bytes begin.
bool MultipartReader::read_headers(Part& part) {
    Seen seen;
    const auto begin = position_;
    for (;;) {
        const auto end = body_.find(line_end, position_);
        if (end == std::string_view::npos || end + line_end.size() - begin > limits_.header_bytes) {
            stop("the header of a part does not end, or not within the limit");
            return false;
        }
        const auto line = body_.substr(position_, end - position_);
        position_ = end + line_end.size();
        if (line.empty()) {
            break;
        }
        if (const auto fault = read_line(line, part, seen); !fault.empty()) {
            stop(fault);
            return false;
        }
    }
    if (!seen.disposition) {
        stop("a part needs one Content-Disposition: form-data with a name");
    }
    return seen.disposition;
}

std::optional<MultipartReader::Part> MultipartReader::next() {
    if (!started_) {
        started_ = true;
        if (const auto first = find_delimiter(0)) {
            position_ = first->next;
            ended_ = first->is_last;
        }
    }
    if (ended_) {
        return std::nullopt;
    }
    if (++parts_ > limits_.parts) {
        return stop("the form has more parts than the limit");
    }
    Part part;
    if (!read_headers(part)) {
        return std::nullopt;
    }
    // The line break before the boundary may be that of the empty line: a part without bytes (RFC 2046
    // §5.1.1).
    const auto delimiter = find_delimiter(position_ - line_end.size());
    if (!delimiter) {
        return std::nullopt;
    }
    part.bytes = body_.substr(position_, std::max(delimiter->at, position_) - position_);
    position_ = delimiter->next;
    ended_ = delimiter->is_last;
    return part;
}

}  // namespace brio::http

#include <brio/http/coding.hpp>

#include <array>

#include <brio/http/token.hpp>

namespace brio::http {
namespace {

constexpr std::array<std::string_view, coding_count> names{"identity", "gzip", "zstd", "br"};
constexpr std::array<std::string_view, coding_count> tag_suffixes{"", "-gz", "-zst", "-br"};

constexpr std::array<std::string_view, 14> application_types{
    "javascript", "x-javascript", "ecmascript", "xml",  "x-ndjson",         "ndjson", "json-seq",
    "graphql",    "yaml",         "toml",       "wasm", "openmetrics-text", "sql",    "rtf"};

bool ends_with_ignoring_case(std::string_view text, std::string_view end) noexcept {
    return text.size() > end.size() && equals_ignoring_case(text.substr(text.size() - end.size()), end);
}

}  // namespace

std::string_view name_of(Coding coding) noexcept { return names[static_cast<std::size_t>(coding)]; }

std::string_view tag_suffix_of(Coding coding) noexcept {
    return tag_suffixes[static_cast<std::size_t>(coding)];
}

std::optional<Coding> request_coding(const RequestHead& head) noexcept {
    std::optional<Coding> coding = Coding::identity;
    std::size_t codings = 0;
    head.each(Known::content_encoding, [&](std::string_view list) {
        while (!list.empty()) {
            auto const name = next_part(list, ',');
            if (name.empty() || equals_ignoring_case(name, "identity")) {
                continue;
            }
            auto const is_gzip = equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip");
            coding = is_gzip && ++codings == 1 ? std::optional(Coding::gzip) : std::nullopt;
            codings += is_gzip ? 0 : 2;
        }
    });
    return coding;
}

EncodingQualities AcceptedCodings::of(const RequestHead& head) {
    std::string_view first;
    std::string joined;
    std::size_t lines = 0;
    head.each(Known::accept_encoding, [&](std::string_view line) {
        if (lines++ == 0) {
            first = line;
            return;
        }
        joined.append(lines == 2 ? first : "").append(",").append(line);
    });
    auto const field = lines < 2 ? first : std::string_view(joined);
    if (field.size() > most_kept) {
        return accept_encoding(field);
    }
    if (field != field_) {
        accepted_ = accept_encoding(field);
        field_ = field;
    }
    return accepted_;
}

std::uint16_t quality_of(const EncodingQualities& accepted, Coding coding) noexcept {
    switch (coding) {
        case Coding::gzip: return accepted.gzip;
        case Coding::zstd: return accepted.zstd;
        case Coding::br: return accepted.br;
        case Coding::identity: break;
    }
    return accepted.identity;
}

std::optional<Coding> best_coding(const EncodingQualities& accepted, CodingSet offered) noexcept {
    std::optional<Coding> best;
    std::uint16_t most = 1;  // 0 is "not acceptable"
    for (auto const coding : {Coding::identity, Coding::gzip, Coding::zstd, Coding::br}) {
        auto const quality = quality_of(accepted, coding);
        if (offered.has(coding) && quality >= most) {
            best = coding;
            most = quality;
        }
    }
    return best;
}

CodingChoice choose_coding(const EncodingQualities& accepted, const BodyFacts& body) noexcept {
    if (!body.may_be_coded || (!body.gains && accepted.identity != 0)) {
        return {.now = best_coding(accepted, Coding::identity)};
    }
    CodingChoice choice;
    auto const has_gzip = !body.is_kept || body.possible.has(Coding::gzip);
    choice.now =
        best_coding(accepted, body.made | Coding::identity | (has_gzip ? Coding::gzip : Coding::identity));
    if (body.is_kept) {
        choice.better = best_coding(accepted, body.possible).value_or(Coding::identity);
    }
    if (!choice.now) {
        choice.now = best_coding(
            accepted, body.is_stream ? CodingSet(Coding::gzip) : Coding::gzip | Coding::zstd | Coding::br);
    }
    return choice;
}

bool is_compressible(std::string_view content_type) noexcept {
    if (content_type == "application/json") [[likely]] {
        return true;
    }
    auto const type = next_part(content_type, ';');
    auto const slash = type.find('/');
    if (slash == std::string_view::npos) {
        return false;
    }
    auto const family = type.substr(0, slash);
    auto const kind = type.substr(slash + 1);
    if (ends_with_ignoring_case(kind, "+json") || ends_with_ignoring_case(kind, "+xml")) {
        return true;
    }
    if (equals_ignoring_case(family, "text")) {
        return !equals_ignoring_case(kind, "event-stream");
    }
    if (!equals_ignoring_case(family, "application")) {
        return false;
    }
    if (equals_ignoring_case(kind, "json")) {
        return true;
    }
    for (auto const known : application_types) {
        if (equals_ignoring_case(kind, known)) {
            return true;
        }
    }
    return false;
}

}  // namespace brio::http

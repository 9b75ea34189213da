#include <brio/http/multipart_form.hpp>

#include <algorithm>
#include <utility>

#include <brio/base/text.hpp>
#include <brio/http/media_type.hpp>
#include <brio/http/multipart.hpp>
#include <brio/http/multipart_filename.hpp>
#include <brio/http/query.hpp>
#include <brio/json/write.hpp>

namespace brio::http {
namespace {

Problem unsupported(detail::FormKinds kinds) {
    const bool any = kinds == detail::FormKinds::any;
    return {415, "unsupported_media_type",
            any ? "the body must be a form: Content-Type: multipart/form-data or "
                  "application/x-www-form-urlencoded"
                : "the body must be a form: Content-Type: multipart/form-data"};
}

Problem malformed(std::string_view detail) { return {400, "malformed_form", std::string(detail)}; }

std::vector<detail::FormPart> read_multipart(std::string_view body, std::string_view boundary) {
    if (!is_valid_boundary(boundary)) {
        throw malformed("Content-Type: multipart/form-data needs a boundary of 1 to 70 characters");
    }
    std::vector<detail::FormPart> parts;
    MultipartReader reader(body, boundary);
    while (auto part = reader.next()) {
        parts.push_back({.name = std::move(part->name),
                         .filename = std::move(part->filename),
                         .content_type = part->content_type,
                         .bytes = part->bytes});
    }
    if (reader.rejection()) {
        throw malformed(reader.rejection()->detail);
    }
    return parts;
}

std::vector<detail::FormPart> read_urlencoded(Exchange& exchange) {
    std::vector<detail::FormPart> parts;
    QueryReader reader(exchange.body, exchange.scratch, MultipartLimits{}.parts);
    while (const auto pair = reader.next()) {
        parts.push_back({.name = std::string(pair->name), .bytes = pair->value});
    }
    if (reader.rejection()) {
        throw malformed("the form has more fields than the limit, or a wrong percent escape");
    }
    return parts;
}

}  // namespace

namespace detail {

std::vector<FormPart> read_form(Exchange& exchange, FormKinds kinds) {
    const auto type = exchange.head.find(Known::content_type);
    const auto parsed = type ? parse_media_type(*type) : std::nullopt;
    const bool is_multipart = parsed && parsed->is("multipart", "form-data");
    const bool is_urlencoded =
        parsed && kinds == FormKinds::any && parsed->is("application", "x-www-form-urlencoded");
    if (!is_multipart && !is_urlencoded) {
        throw unsupported(kinds);
    }
    return is_multipart ? read_multipart(exchange.body, parsed->boundary) : read_urlencoded(exchange);
}

Upload upload_of(FormPart part) {
    return {.name = std::move(part.name),
            .filename = sanitised_filename(part.filename.value_or("")),
            .content_type =
                std::string(part.content_type.empty() ? "application/octet-stream" : part.content_type),
            .bytes = part.bytes};
}

bool is_no_file(const FormPart& part) noexcept {
    return part.filename && part.filename->empty() && part.bytes.empty();
}

void FormSchema::add(std::string_view name, std::string_view schema, bool is_required) {
    Buffer member;
    json::write_key(member, name);
    properties += concat({properties.empty() ? "" : ",", member.view(), schema});
    if (is_required) {
        Buffer text;
        json::write_string(text, name);
        required += concat({required.empty() ? "" : ",", text.view()});
    }
}

void FormSchema::describe(OperationSchema& operation, FormKinds kinds) const {
    auto schema = concat({R"({"type":"object","properties":{)", properties, "}"});
    if (!required.empty()) {
        schema += concat({R"(,"required":[)", required, "]"});
    }
    schema += R"(,"additionalProperties":false})";
    operation.bodies.push_back({.content_type = "multipart/form-data", .schema = schema});
    if (kinds == FormKinds::any) {
        operation.bodies.push_back({.content_type = "application/x-www-form-urlencoded", .schema = schema});
    }
}

void describe_multipart(OperationSchema& operation) {
    operation.bodies.push_back({.content_type = "multipart/form-data", .schema = R"({"type":"object"})"});
}

}  // namespace detail

std::optional<std::string_view> Multipart::field(std::string_view name) const noexcept {
    const auto found = std::ranges::find(fields, name, &Field::name);
    return found == fields.end() ? std::nullopt : std::optional(found->value);
}

const Upload* Multipart::file(std::string_view name) const noexcept {
    const auto found = std::ranges::find(files, name, &Upload::name);
    return found == files.end() ? nullptr : &*found;
}

std::optional<Multipart> Provide<Multipart>::from(Exchange& exchange) {
    Multipart form;
    for (auto& part : detail::read_form(exchange, detail::FormKinds::multipart)) {
        if (!part.filename) {
            form.fields.push_back({std::move(part.name), part.bytes});
        } else if (!detail::is_no_file(part)) {
            form.files.push_back(detail::upload_of(std::move(part)));
        }
    }
    return form;
}

}  // namespace brio::http

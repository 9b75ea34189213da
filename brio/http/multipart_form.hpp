// Form<Struct> and Multipart: bodies of HTML forms as handler parameters.
//
//     struct NewPicture { Text<120, 1> title; std::optional<std::int32_t> width; http::Upload picture; };
//     Async<Created<Picture>> upload(Form<NewPicture> form, Db db);   // form->picture.bytes
//
// The body is in memory, up to the route's body limit: raise it where files come.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <brio/http/operation.hpp>
#include <brio/http/problem.hpp>
#include <brio/http/provide.hpp>
#include <brio/json/required.hpp>
#include <brio/json/schema.hpp>
#include <brio/reflect/fields.hpp>
#include <brio/reflect/parse_text.hpp>

namespace brio::http {

/// A file of a form. `bytes` is a view into the request's body: it lasts until the answer is made.
struct Upload {
    std::string name;          // of the field
    std::string filename;      // harmless: see multipart_filename.hpp
    std::string content_type;  // what the client says it is; "application/octet-stream" where it says nothing
    std::string_view bytes;
};

/// Every part of a multipart/form-data body, in the order sent, for forms whose fields are not known
/// beforehand. 415 for another content type, 400 for a malformed body.
struct Multipart {
    struct Field {
        std::string name;
        std::string_view value;  // a view into the body; any bytes
    };
    std::vector<Field> fields;
    std::vector<Upload> files;

    /// The first of that name.
    std::optional<std::string_view> field(std::string_view name) const noexcept;
    const Upload* file(std::string_view name) const noexcept;
};

/// A form as a struct: multipart/form-data or application/x-www-form-urlencoded (that only where no field is
/// an Upload). One field a name: what parse_text() reads, Upload, std::optional of these, and std::vector of
/// these for names given several times. A field is required as in a JSON body. 415 for another content type,
/// 400 for a malformed body, 422 that lists every field that is wrong, missing, given twice or not of the
/// struct.
///
/// As browsers fill in forms: `on` is true for a bool; an empty text is nothing for an optional that cannot
/// be read from it; a file without name and bytes is none.
template <class T>
struct Form {
    T value{};
    const T& operator*() const noexcept { return value; }
    const T* operator->() const noexcept { return &value; }
};

namespace detail {

struct FormPart {
    std::string name;
    std::optional<std::string> filename;
    std::string_view content_type;
    std::string_view bytes;
};
enum class FormKinds : std::uint8_t { any, multipart };

/// The parts of the body; throws 400 or 415.
std::vector<FormPart> read_form(Exchange& exchange, FormKinds kinds);
Upload upload_of(FormPart part);
/// An empty file input as browsers send it.
bool is_no_file(const FormPart& part) noexcept;
void describe_multipart(OperationSchema& operation);

/// What OpenAPI says of a form, gathered field by field.
struct FormSchema {
    std::string properties;
    std::string required;

    void add(std::string_view name, std::string_view schema, bool is_required);
    void describe(OperationSchema& operation, FormKinds kinds) const;
};

template <class T>
struct FormField {
    using Item = T;  // what one part is read as
    static constexpr bool is_list = false;
    static constexpr bool is_optional = false;
};
template <class T>
struct FormField<std::optional<T>> {
    using Item = T;
    static constexpr bool is_list = false;
    static constexpr bool is_optional = true;
};
template <class T>
struct FormField<std::vector<T>> {
    using Item = T;
    static constexpr bool is_list = true;
    static constexpr bool is_optional = false;
};

template <class T>
constexpr FormKinds kinds_of() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
        return (std::is_same_v<typename FormField<reflect::field_t<T, I>>::Item, Upload> || ...)
                   ? FormKinds::multipart
                   : FormKinds::any;
    }(std::make_index_sequence<reflect::field_count<T>>{});
}

/// One part as an Item, or an error that names it.
template <class Item>
std::optional<Item> read_part(Exchange& exchange, FormPart& part, bool may_be_blank) {
    if constexpr (std::is_same_v<Item, Upload>) {
        if (!part.filename) {
            exchange.errors.add(In::body, part.name, "must be a file");
            return std::nullopt;
        }
        return upload_of(std::move(part));
    } else {
        if (part.filename) {
            exchange.errors.add(In::body, part.name, "must be a text, not a file");
            return std::nullopt;
        }
        if constexpr (std::is_same_v<Item, bool>) {
            if (part.bytes == "on") {
                return true;
            }
        }
        auto parsed = reflect::parse_text<Item>(part.bytes);
        if (!parsed) {
            if (!may_be_blank || !part.bytes.empty()) {
                exchange.errors.add(In::body, part.name, parsed.error());
            }
            return std::nullopt;
        }
        return std::optional<Item>(std::in_place, std::move(*parsed));
    }
}

/// Takes a part to its field; `seen` has a bit for each field that was given.
template <class F>
void assign_form_field(Exchange& exchange, F& field, FormPart& part, bool seen) {
    using Kind = FormField<F>;
    if (seen && !Kind::is_list) {
        exchange.errors.add(In::body, part.name, "is given twice");
    } else if (auto item = read_part<typename Kind::Item>(exchange, part, Kind::is_optional)) {
        if constexpr (Kind::is_list) {
            field.push_back(std::move(*item));
        } else {
            field = std::move(*item);
        }
    }
}

/// False when the struct has no field of the part's name.
template <class T>
bool take_form_part(Exchange& exchange, T& value, FormPart& part, std::uint64_t& seen) {
    bool found = false;
    reflect::for_each_field(value, [&](auto index, std::string_view name, auto& field) {
        using F = std::remove_cvref_t<decltype(field)>;
        if (found || name != part.name) {
            return;
        }
        found = true;
        if (std::is_same_v<typename FormField<F>::Item, Upload> && is_no_file(part)) {
            return;
        }
        auto const bit = std::uint64_t{1} << index;
        assign_form_field(exchange, field, part, (seen & bit) != 0);
        seen |= bit;
    });
    return found;
}

}  // namespace detail

template <>
struct Provide<Multipart> {
    static std::optional<Multipart> from(Exchange& exchange);
    static void describe(OperationSchema& operation) { detail::describe_multipart(operation); }
};

template <class T>
struct Provide<Form<T>> {
    static std::optional<Form<T>> from(Exchange& exchange) {
        Form<T> form;
        std::uint64_t seen = 0;
        for (auto& part : detail::read_form(exchange, detail::kinds_of<T>())) {
            if (!detail::take_form_part(exchange, form.value, part, seen)) {
                exchange.errors.add(In::body, std::string_view(part.name).substr(0, 64),
                                    "is not a field of this form");
            }
        }
        reflect::for_each_field(form.value, [&](auto index, std::string_view name, auto&) {
            if (json::is_required<T, index> && (seen >> index & 1U) == 0) {
                exchange.errors.add(In::body, name, "is required");
            }
        });
        return exchange.errors.empty() ? std::optional(std::move(form)) : std::nullopt;
    }
    static void describe(OperationSchema& operation) {
        detail::FormSchema form;
        T value{};
        reflect::for_each_field(value, [&](auto index, std::string_view name, auto& field) {
            using Kind = detail::FormField<std::remove_cvref_t<decltype(field)>>;
            std::string schema = R"({"type":"string","format":"binary"})";
            if constexpr (!std::is_same_v<typename Kind::Item, Upload>) {
                schema = json::schema_of<typename Kind::Item>(*operation.components);
            }
            form.add(name, Kind::is_list ? R"({"type":"array","items":)" + schema + "}" : schema,
                     json::is_required<T, index>);
        });
        form.describe(operation, detail::kinds_of<T>());
    }
};

}  // namespace brio::http

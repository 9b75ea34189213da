// How a handler's result becomes the answer: Render<R>::to(exchange, value).
//
// Plain structs, vectors, maps and whatever else json writes: 200 with JSON, and for GET and HEAD an ETag of
// the encoded bytes, led by the row's version where the type has one, so that If-None-Match gets 304 and
// If-Match can be compared inside an UPDATE. Created, Accepted, NoContent, Redirect, Response: as they say.
// optional<T>: 404 without a value. variant<…>: whichever it holds. std::string: text. Specialise Render for
// results of your own.
#pragma once
#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <brio/http/exchange.hpp>
#include <brio/http/operation.hpp>
#include <brio/http/problem.hpp>
#include <brio/json/schema.hpp>
#include <brio/json/write.hpp>
#include <brio/reflect/version.hpp>

namespace brio::http {

template <class T>
struct Render;

namespace detail {

/// The row's version where `value` has one: a member `version`, or that of its member `row`.
template <class T>
std::optional<std::int64_t> version_of(const T& value) {
    if constexpr (requires {
                      { value.version.value } -> std::convertible_to<std::int64_t>;
                  }) {
        return value.version.value;
    } else if constexpr (requires { value.row; }) {
        return version_of(value.row);
    } else {
        return std::nullopt;
    }
}

/// ETag `"version-hash"` or `"hash"` of the body, and Cache-Control, unless the answer has them.
void finish_json(Exchange& exchange, int status, std::optional<std::int64_t> version);
void render_location(Exchange& exchange, std::string_view location, std::optional<std::int64_t> id);
[[noreturn]] void throw_invalid_fields(Exchange& exchange);

template <class T>
std::optional<std::int64_t> id_of(const T& value) {
    if constexpr (requires {
                      { value.id.value } -> std::convertible_to<std::int64_t>;
                  }) {
        return value.id.value;
    } else if constexpr (requires { value.row; }) {
        return id_of(value.row);
    } else {
        return std::nullopt;
    }
}

template <class T>
void render_json(Exchange& exchange, int status, const T& value) {
    json::write(exchange.response.body, value);
    finish_json(exchange, status, version_of(value));
}

/// What several results say of one operation: those with JSON of one status become one answer.
class Alternatives {
public:
    explicit Alternatives(OperationSchema& operation) : operation_(operation) {}
    void add(void (*describe)(OperationSchema&));
    void finish();

private:
    OperationSchema& operation_;
    std::vector<AnswerSchema> answers_;
};

template <class T>
void describe_json(OperationSchema& operation, int status, std::string description) {
    operation.answer({.status = status,
                      .description = std::move(description),
                      .schema = json::schema_of<T>(*operation.components)});
}

}  // namespace detail

/// Throws the Problem that lists exchange.errors.
[[noreturn]] inline void throw_invalid(Exchange& exchange) { detail::throw_invalid_fields(exchange); }

template <class T>
struct Render {
    static void to(Exchange& exchange, const T& value) { detail::render_json(exchange, 200, value); }
    static void describe(OperationSchema& operation) { detail::describe_json<T>(operation, 200, "OK"); }
};

template <class T>
struct Render<Created<T>> {
    static void to(Exchange& exchange, const Created<T>& created) {
        detail::render_location(exchange, created.location, detail::id_of(created.value));
        detail::render_json(exchange, 201, created.value);
    }
    static void describe(OperationSchema& operation) {
        detail::describe_json<T>(operation, 201, "Created");
        operation.answers.back().headers = {"Location"};
    }
};

template <class T>
struct Render<Accepted<T>> {
    static void to(Exchange& exchange, const Accepted<T>& accepted) {
        detail::render_json(exchange, 202, accepted.value);
    }
    static void describe(OperationSchema& operation) { detail::describe_json<T>(operation, 202, "Accepted"); }
};

template <class T>
struct Render<std::optional<T>> {
    static void to(Exchange& exchange, std::optional<T> value) {
        Render<T>::to(exchange, require(std::move(value), not_found("what was asked for is")));
    }
    static void describe(OperationSchema& operation) {
        Render<T>::describe(operation);
        operation.answer(
            {.status = 404, .description = "Not Found", .content_type = "application/problem+json"});
    }
};

/// One of several results, each rendered as it is by itself.
template <class... T>
struct Render<std::variant<T...>> {
    static void to(Exchange& exchange, std::variant<T...> value) {
        std::visit([&]<class Each>(Each& each) { Render<Each>::to(exchange, std::move(each)); }, value);
    }
    static void describe(OperationSchema& operation) {
        detail::Alternatives alternatives(operation);
        (alternatives.add(&Render<T>::describe), ...);
        alternatives.finish();
    }
};

template <>
struct Render<NoContent> {
    static void to(Exchange& exchange, NoContent) { exchange.response.status = 204; }
    static void describe(OperationSchema& operation) {
        operation.answer({.status = 204, .description = "No Content"});
    }
};
template <>
struct Render<void> : Render<NoContent> {};

template <>
struct Render<Redirect> {
    static void to(Exchange& exchange, const Redirect& redirect) {
        exchange.response.status = redirect.status;
        exchange.response.header("Location", redirect.location);
    }
    static void describe(OperationSchema& operation) {
        operation.answer({.status = 303, .description = "See Other", .headers = {"Location"}});
    }
};

template <>
struct Render<std::string> {
    static void to(Exchange& exchange, const std::string& text) { exchange.response.text(text); }
    static void describe(OperationSchema& operation) {
        operation.answer({.status = 200,
                          .description = "OK",
                          .schema = R"({"type":"string"})",
                          .content_type = "text/plain; charset=utf-8"});
    }
};

template <>
struct Render<Response> {
    static void to(Exchange& exchange, Response response) { exchange.response = std::move(response); }
    static void describe(OperationSchema& operation) {
        operation.answer({.status = 200, .description = "OK"});
    }
};

}  // namespace brio::http

// The handler parameters that http provides: Path, Query, Body, Header, Cookie, IfMatch, Request.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/http/operation.hpp>
#include <brio/http/pattern.hpp>
#include <brio/http/problem.hpp>
#include <brio/http/provide.hpp>
#include <brio/http/query.hpp>
#include <brio/json/read.hpp>
#include <brio/json/required.hpp>
#include <brio/json/schema.hpp>
#include <brio/reflect/fields.hpp>
#include <brio/reflect/parse_text.hpp>
#include <brio/reflect/version.hpp>

namespace brio::http {

/// `{name}` of the route's pattern as a T: what parse_text() reads.
template <FixedText Name, class T>
struct Path {
    static constexpr std::string_view path_name = Name.view();
    T value{};
    operator const T&() const noexcept { return value; }
    const T& operator*() const noexcept { return value; }
    const T* operator->() const noexcept { return &value; }
};

/// The query string as a struct: one field a parameter; names that the struct does not have are errors. A
/// field is required as in a JSON body; std::vector fields take a parameter given several times.
template <class T>
struct Query {
    T value{};
    const T& operator*() const noexcept { return value; }
    const T* operator->() const noexcept { return &value; }
};

/// The JSON body as a T. 415 for another content type, 400 for what is no JSON, 422 for every field that is
/// wrong.
template <class T>
struct Body {
    T value{};
    const T& operator*() const noexcept { return value; }
    const T* operator->() const noexcept { return &value; }
};

/// A header field as a T; required unless T is optional.
template <FixedText Name, class T = std::string>
struct Header {
    T value{};
    const T& operator*() const noexcept { return value; }
    const T* operator->() const noexcept { return &value; }
};

/// A cookie as a T; required unless T is optional.
template <FixedText Name, class T = std::string>
struct Cookie {
    T value{};
    const T& operator*() const noexcept { return value; }
    const T* operator->() const noexcept { return &value; }
};

/// The condition of an update (RFC 9110 §13.1.1): the versions that the client's If-Match names, to be
/// compared inside the UPDATE.
struct IfMatch {
    bool given = false;  // false: update whatever is there
    bool any = false;    // "*": whatever is there, but something
    std::vector<std::int64_t>
        versions;  // of tags `"version-hash"`, any variant; a tag without a version matches nothing

    bool allows(std::int64_t version) const noexcept;
    /// What an UPDATE compares: none for any version. Of several the newest, since versions only grow and a
    /// client that lists what it knows last read that one; 0, which no row has, when no tag has a version.
    std::optional<Version> expected() const noexcept;
};

/// The request itself. Views last until the answer is made.
class Request {
public:
    explicit Request(Exchange& exchange) noexcept : exchange_(&exchange) {}
    Method method() const noexcept { return exchange_->head.method(); }
    std::string_view path() const noexcept { return exchange_->head.path(); }
    std::string_view query() const noexcept { return exchange_->head.query(); }
    std::string_view target() const noexcept { return exchange_->head.target(); }
    std::string_view body() const noexcept { return exchange_->body; }
    const RequestHead& head() const noexcept { return exchange_->head; }
    std::optional<std::string_view> header(std::string_view name) const noexcept {
        return exchange_->head.find(name);
    }
    std::optional<std::string_view> cookie(std::string_view name) const;
    std::string_view id() const { return exchange_->request_id(); }
    const TraceContext& trace() const { return exchange_->trace(); }
    std::chrono::nanoseconds deadline() const noexcept { return exchange_->work.deadline; }
    Exchange& exchange() const noexcept { return *exchange_; }

private:
    Exchange* exchange_;
};

namespace detail {

/// The decoded path value of that name; adds an error and gives nothing when its escapes are wrong.
std::optional<std::string_view> path_value(Exchange& exchange, std::string_view name);
/// The body as JSON text; throws 415 or 400.
std::string_view json_body(Exchange& exchange);
/// Adds the errors of a body that could not be read; throws 400 or 413 when it is not JSON at all or too
/// much.
void report(Exchange& exchange, const json::ReadError& error);
std::optional<std::string_view> cookie_value(const Exchange& exchange, std::string_view name);

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

/// One text value of a request as a T, or an error that names it.
template <class T>
std::optional<T> read_value(Exchange& exchange, In in, std::string_view name,
                            std::optional<std::string_view> text) {
    if (!text) {
        if constexpr (IsOptional<T>::value) {
            return std::optional<T>(std::in_place);
        } else {
            exchange.errors.add(in, name, "is required");
            return std::nullopt;
        }
    }
    auto parsed = reflect::parse_text<T>(*text);
    if (!parsed) {
        exchange.errors.add(in, name, parsed.error());
        return std::nullopt;
    }
    return std::optional<T>(std::in_place, std::move(*parsed));
}

template <class T>
void describe_value(OperationSchema& operation, In in, std::string_view name, bool required) {
    operation.parameter({.in = in,
                         .name = std::string(name),
                         .schema = json::schema_of<T>(*operation.components),
                         .required = required});
}

/// Takes one pair of a query string to the field of its name. False when there is none.
template <class T>
bool assign_query_field(Exchange& exchange, T& value, QueryReader::Pair pair, std::uint64_t& seen) {
    bool found = false;
    reflect::for_each_field(value, [&](auto index, std::string_view name, auto& field) {
        using F = std::remove_cvref_t<decltype(field)>;
        if (found || name != pair.name) {
            return;
        }
        found = true;
        auto const bit = std::uint64_t{1} << index;
        if constexpr (IsVector<F>::value) {
            if (auto item = read_value<typename F::value_type>(exchange, In::query, name, pair.value)) {
                field.push_back(std::move(*item));
            }
        } else if ((seen & bit) != 0) {
            exchange.errors.add(In::query, name, "is given twice");
        } else if (auto item = read_value<F>(exchange, In::query, name, pair.value)) {
            field = std::move(*item);
        }
        seen |= bit;
    });
    return found;
}

}  // namespace detail

template <FixedText Name, class T>
struct Provide<Path<Name, T>> {
    static std::optional<Path<Name, T>> from(Exchange& exchange) {
        auto const text = detail::path_value(exchange, Name.view());
        if (!text) {
            return std::nullopt;
        }
        auto value = detail::read_value<T>(exchange, In::path, Name.view(), text);
        return value ? std::optional(Path<Name, T>{std::move(*value)}) : std::nullopt;
    }
    static void describe(OperationSchema& operation) {
        detail::describe_value<T>(operation, In::path, Name.view(), true);
    }
};

template <class T>
struct Provide<Query<T>> {
    static std::optional<Query<T>> from(Exchange& exchange) {
        Query<T> query;
        std::uint64_t seen = 0;
        QueryReader reader(exchange.head.query(), exchange.scratch);
        while (auto const pair = reader.next()) {
            if (!detail::assign_query_field(exchange, query.value, *pair, seen)) {
                exchange.errors.add(In::query, pair->name, "is not a parameter of this route");
            }
        }
        if (reader.rejection()) {
            throw Problem(400, std::string(reader.rejection()->code),
                          std::string(reader.rejection()->detail));
        }
        reflect::for_each_field(query.value, [&](auto index, std::string_view name, auto&) {
            if (json::is_required<T, index> && (seen >> index & 1U) == 0) {
                exchange.errors.add(In::query, name, "is required");
            }
        });
        return exchange.errors.empty() ? std::optional(std::move(query)) : std::nullopt;
    }
    static void describe(OperationSchema& operation) {
        T value{};
        reflect::for_each_field(value, [&](auto index, std::string_view name, auto& field) {
            detail::describe_value<std::remove_cvref_t<decltype(field)>>(operation, In::query, name,
                                                                         json::is_required<T, index>);
        });
    }
};

template <class T>
struct Provide<Body<T>> {
    static std::optional<Body<T>> from(Exchange& exchange) {
        auto value = json::read<T>(detail::json_body(exchange));
        if (!value) {
            detail::report(exchange, value.error());
            return std::nullopt;
        }
        return Body<T>{std::move(*value)};
    }
    static void describe(OperationSchema& operation) {
        operation.bodies.push_back({.schema = json::schema_of<T>(*operation.components)});
    }
};

template <FixedText Name, class T>
struct Provide<Header<Name, T>> {
    static std::optional<Header<Name, T>> from(Exchange& exchange) {
        auto value =
            detail::read_value<T>(exchange, In::header, Name.view(), exchange.head.find(Name.view()));
        return value ? std::optional(Header<Name, T>{std::move(*value)}) : std::nullopt;
    }
    static void describe(OperationSchema& operation) {
        detail::describe_value<T>(operation, In::header, Name.view(), !detail::IsOptional<T>::value);
    }
};

template <FixedText Name, class T>
struct Provide<Cookie<Name, T>> {
    static std::optional<Cookie<Name, T>> from(Exchange& exchange) {
        auto value = detail::read_value<T>(exchange, In::cookie, Name.view(),
                                           detail::cookie_value(exchange, Name.view()));
        return value ? std::optional(Cookie<Name, T>{std::move(*value)}) : std::nullopt;
    }
    static void describe(OperationSchema& operation) {
        detail::describe_value<T>(operation, In::cookie, Name.view(), !detail::IsOptional<T>::value);
    }
};

template <>
struct Provide<IfMatch> {
    static std::optional<IfMatch> from(Exchange& exchange);
    static void describe(OperationSchema& operation);
};

template <>
struct Provide<Request> {
    static std::optional<Request> from(Exchange& exchange) { return Request(exchange); }
};

}  // namespace brio::http

#include <brio/app/review_routes.hpp>

#include <brio/http/parameters.hpp>
#include <brio/http/problem.hpp>
#include <brio/watch/review_findings.hpp>
#include <brio/watch/review_writers.hpp>

namespace brio::app {

namespace {

// Plans of many statements may be asked for.
constexpr std::chrono::seconds deadline{30};

struct ReviewQuery {
    std::string since = "24h";
    std::string format = "html";
};

std::string_view content_type(watch::ReviewFormat format) noexcept {
    static constexpr std::string_view types[] = {"text/html; charset=utf-8", "text/markdown; charset=utf-8",
                                                 "application/json"};
    return types[static_cast<std::size_t>(format)];
}

struct SendReview {
    const ReviewSources* sources;

    Async<http::Response> operator()(http::Query<ReviewQuery> query) const {
        const auto since = watch::review_length(query->since);
        const auto format = watch::review_format(query->format);
        if (!since) {
            throw http::invalid(http::In::query, "since", std::string(watch::review_length_words));
        }
        if (!format) {
            throw http::invalid(http::In::query, "format", "must be html, md or json");
        }
        return send(sources, *since, *format);
    }

    static Async<http::Response> send(const ReviewSources* sources, std::chrono::seconds since,
                                      watch::ReviewFormat format) {
        const auto review = watch::review_of(co_await collect_review(*sources, since));
        http::Response response;
        response.content_type = content_type(format);
        response.body.append(watch::write_review(review, format));
        response.cache_control("no-store");
        co_return response;
    }
};

}  // namespace

void add_review_routes(http::Router& router, const ReviewSources& sources) {
    router.get<"/review">(SendReview{&sources}, {.deadline = deadline});
}

}  // namespace brio::app

#include <brio/load/url_user.hpp>

#include <algorithm>

#include <brio/http/client_request.hpp>
#include <brio/load/session.hpp>

namespace brio::load {
namespace {

struct Prepared {
    std::string method;
    std::string name;
    std::string bytes;
    std::vector<int> expect;
    bool may_repeat;
};

class UrlUser final : public AnyUser {
public:
    explicit UrlUser(std::shared_ptr<const Prepared> request) : request_(std::move(request)) {}

    Async<> start(Client) override { return {}; }
    Async<> stop(Client) override { return {}; }
    Async<> run(std::size_t, Client client) override {
        auto& session = client.session();
        if (id_ == unknown) {
            id_ = session.record.id_of(request_->method, request_->name);
        }
        auto const intended = std::exchange(session.intended, std::nullopt);
        Sending exchange(session, request_->bytes);
        exchange.to_head = request_->method == "HEAD";
        exchange.may_repeat = request_->may_repeat;
        ++session.requests;
        co_await exchange;
        count(session, {.id = id_,
                        .intended = intended.value_or(exchange.began),
                        .sent = exchange.sent,
                        .ended = exchange.ended,
                        .status = exchange.status,
                        .missing = exchange.missing,
                        .bytes_sent = request_->bytes.size(),
                        .bytes_received = exchange.bytes_received,
                        .waited = exchange.waited,
                        .is_failure = !exchange.missing && is_bad_status(exchange.status, request_->expect)});
    }

private:
    static constexpr auto unknown = static_cast<std::size_t>(-1);

    std::shared_ptr<const Prepared> request_;
    std::size_t id_ = unknown;
};

}  // namespace

Scenario url_scenario(const Origin& origin, const Request& request, Wait wait) {
    auto const& target = origin.url.target;
    auto const name =
        request.options.name.empty() ? target.substr(0, target.find('?')) : request.options.name;
    auto prepared =
        std::make_shared<const Prepared>(Prepared{.method = request.method,
                                                  .name = name,
                                                  .bytes = render(origin, request, target, {}),
                                                  .expect = request.options.expect,
                                                  .may_repeat = http::is_idempotent(request.method)});
    UserType type{.name = "url", .wait = wait, .tasks = {{.name = name}}};
    type.make = [prepared] { return std::make_unique<UrlUser>(prepared); };
    return {.name = request.method + " " + origin.url.without_query(), .types = {std::move(type)}};
}

}  // namespace brio::load

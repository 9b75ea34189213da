#include <brio/app/app.hpp>

#include <cstdlib>

#include "accounts.hpp"

// [accounts-main]
int main(int argc, char** argv) {
    auto const* secret = std::getenv("TOKEN_SECRET");
    brio::http::TokenVerifier verifier(
        {brio::http::jwt::Key::hs256(secret != nullptr ? secret : "only-for-trying-it-on-this-machine!!")},
        {.issuer = "https://login.example"});
    brio::http::Client client({.connections_per_host = 32});
    accounts::Neighbour neighbour{"http://127.0.0.1:8081"};

    auto app = brio::App("accounts");
    app.use(brio::http::measure(), brio::http::deadlines())
        .service(verifier)
        .service(client)
        .service(neighbour);
    app.routes(accounts::routes);
    return app.run(argc, argv);
}
// [/accounts-main]

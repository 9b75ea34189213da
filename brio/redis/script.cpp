#include <brio/redis/script.hpp>

#include <array>

#include <openssl/evp.h>

#include <brio/base/expect.hpp>
#include <brio/redis/call.hpp>

namespace brio::redis {

Script::Script(std::string_view text) : text_(text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const int done = EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    expect(done == 1, "SHA-1 is there");
    for (unsigned int i = 0; i < size; ++i) {
        constexpr std::string_view digits = "0123456789abcdef";
        hash_ += digits[digest[i] >> 4];
        hash_ += digits[digest[i] & 15];
    }
}

Async<Outcome> Sender::run(const Script& script, std::vector<std::string> keys,
                           std::vector<std::string> arguments, CallOptions options) {
    auto make = [&](std::string_view name, std::string_view what) {
        Command command(name, what, keys.size());
        for (const auto& key : keys) {
            command.add(key);
        }
        for (const auto& argument : arguments) {
            command.add(argument);
        }
        return command;
    };
    auto outcome = co_await attempt(make("EVALSHA", script.hash()), options);
    if (!outcome && outcome.error().kind == ErrorKind::no_script) {
        outcome = co_await attempt(make("EVAL", script.text()), options);
    }
    co_return outcome;
}

}  // namespace brio::redis

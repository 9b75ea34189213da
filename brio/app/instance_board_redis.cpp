#include <algorithm>

#include <brio/app/instance_board.hpp>
#include <brio/base/text.hpp>

namespace brio::app {

namespace {

// A field is an id, its value "WHEN PID TEXT", WHEN in milliseconds of the server's clock.
constexpr std::string_view now =
    "local time = redis.call('TIME')\n"
    "local now = time[1] * 1000 + math.floor(time[2] / 1000)\n";

/// KEYS: the hash. ARGV: id, "PID TEXT", milliseconds until it is forgotten.
const redis::Script& tell_script() {
    static const std::string text =
        concat({now,
                "redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f ', now) .. ARGV[2])\n"
                "redis.call('PEXPIRE', KEYS[1], ARGV[3])\n"
                "local all = redis.call('HGETALL', KEYS[1])\n"
                "for i = 1, #all, 2 do\n"
                "  local said = tonumber(string.match(all[i + 1], '^%d+'))\n"
                "  if not said or now - said > tonumber(ARGV[3]) then\n"
                "    redis.call('HDEL', KEYS[1], all[i])\n"
                "  end\n"
                "end\n"});
    static const redis::Script script(text);
    return script;
}

/// KEYS: the hash. ARGV: id, pid.
const redis::Script& leave_script() {
    static const redis::Script script(
        "local value = redis.call('HGET', KEYS[1], ARGV[1])\n"
        "if value and string.match(value, '^%d+ (%d+) ') == ARGV[2] then\n"
        "  redis.call('HDEL', KEYS[1], ARGV[1])\n"
        "end\n");
    return script;
}

/// KEYS: the hash. ARGV: milliseconds until one is forgotten, bytes of the largest. Gives milliseconds since
/// one was told, and its text, again and again.
const redis::Script& read_script() {
    static const std::string text =
        concat({now,
                "local found = {}\n"
                "for _, value in ipairs(redis.call('HVALS', KEYS[1])) do\n"
                "  local said, text = string.match(value, '^(%d+) %d+ (.*)$')\n"
                "  if said and now - said <= tonumber(ARGV[1]) and #text <= tonumber(ARGV[2]) then\n"
                "    found[#found + 1] = string.format('%.0f', now - said)\n"
                "    found[#found + 1] = text\n"
                "  end\n"
                "end\n"
                "return found\n"});
    static const redis::Script script(text);
    return script;
}

class RedisBoard final : public InstanceBoard {
public:
    RedisBoard(redis::Client& client, const std::string& program)
        : client_(client),
          key_(concat({"brio:", program, ":instances"})) {}

    Async<void> tell(Told told) override {
        std::vector<std::string> arguments{
            std::move(told.id), concat({integer_text(told.pid), " ", told.text}), forgotten_after()};
        co_await run(tell_script(), std::move(arguments));
    }

    Async<void> leave(std::string id, std::int64_t pid) override {
        std::vector<std::string> arguments{std::move(id), integer_text(pid)};
        co_await run(leave_script(), std::move(arguments));
    }

    Async<std::vector<Read>> read() override {
        std::vector<std::string> arguments{forgotten_after(), integer_text(most_bytes)};
        auto elements = (co_await run(read_script(), std::move(arguments))).take_elements();
        std::vector<Read> all;
        for (std::size_t i = 0; i + 1 < elements.size(); i += 2) {
            all.push_back({.ago = std::chrono::milliseconds(
                               std::max<std::int64_t>(0, elements[i].integer().value_or(0))),
                           .text = elements[i + 1].take_text()});
        }
        const auto most = std::min(all.size(), watch::most_instances + 1);
        std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(most), {}, &Read::ago);
        all.resize(most);
        co_return all;
    }

    std::string words() const override { return concat({"Redis ", client_.address().text()}); }

private:
    static std::string forgotten_after() {
        return integer_text(std::chrono::milliseconds(watch::instance_forgotten_after).count());
    }

    // The cache's patience is not for what nobody waits for.
    Async<redis::Reply> run(const redis::Script& script, std::vector<std::string> arguments) {
        std::vector<std::string> keys{key_};
        auto outcome = co_await client_.run(script, std::move(keys), std::move(arguments),
                                            {.timeout = std::chrono::seconds(1)});
        if (!outcome) {
            redis::throw_failure(outcome.error());
        }
        co_return std::move(*outcome);
    }

    redis::Client& client_;
    const std::string key_;
};

}  // namespace

std::unique_ptr<InstanceBoard> open_redis_board(redis::Client& client, std::string program) {
    return std::make_unique<RedisBoard>(client, program);
}

}  // namespace brio::app

#include <hiredis/hiredis.h>
#include <unistd.h>
#include <bench/raw/raw_tasks.hpp>
#include <bench/raw/redis_place.hpp>
#include <brio/tasks/redis_scripts.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

namespace bench {
namespace {

namespace scripts = brio::tasks::redis_scripts;

constexpr std::string_view own_id = "raw";
constexpr std::string_view queue = "main-queue";
constexpr int idle_us = 500;

struct Release {
    void operator()(redisContext* context) const { redisFree(context); }
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, Release>;

/// The words of one command; those that are not constants live until it is sent.
class Words {
public:
    void add(std::string_view word) {
        starts_.push_back(word.data());
        sizes_.push_back(word.size());
    }
    void add_all(std::initializer_list<std::string_view> words) {
        for (const std::string_view word : words) {
            add(word);
        }
    }
    Reply send(redisContext& redis) {
        Reply reply(static_cast<redisReply*>(
            redisCommandArgv(&redis, static_cast<int>(starts_.size()), starts_.data(), sizes_.data())));
        if (!reply) {
            throw std::runtime_error(redis.errstr);
        }
        if (reply->type == REDIS_REPLY_ERROR) {
            throw std::runtime_error(std::string(reply->str, reply->len));
        }
        return reply;
    }

private:
    std::vector<const char*> starts_;
    std::vector<std::size_t> sizes_;
};

std::string_view text_of(const redisReply& reply) { return {reply.str, reply.len}; }

std::string now_in_microseconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

class Worker {
public:
    explicit Worker(const RedisPlace& place) : redis_(redisConnect(place.host.c_str(), place.port)) {
        if (!redis_ || redis_->err != 0) {
            throw std::runtime_error(std::string("connecting to Redis: ") +
                                     (redis_ ? redis_->errstr : "out of memory"));
        }
        for (const auto* script : {&scripts::take(), &scripts::settle()}) {
            Words load;
            load.add_all({"SCRIPT", "LOAD", script->text()});
            load.send(*redis_);
        }
    }

    void beat() {
        Words words;
        words.add_all({"EVAL", scripts::beat().text(), "0", own_id});
        words.send(*redis_);
    }

    /// Whether there was one.
    bool carry_out_batch() {
        const Reply taken = take();
        if (taken->elements == 0) {
            return false;
        }
        settle(read(*taken));
        return true;
    }

private:
    struct Task {
        std::string_view id;
        std::string fence;
        std::string result;
    };

    static Words begin(const brio::redis::Script& script, std::string_view now) {
        Words words;
        words.add_all({"EVALSHA", script.hash(), "0", own_id, now});
        return words;
    }

    Reply take() {
        const std::string now = now_in_microseconds();
        Words words = begin(scripts::take(), now);
        const std::string most = std::to_string(task_batch);
        words.add_all({most, queue});
        return words.send(*redis_);
    }

    /// What `take` gave, of each list: its queue, a fence, envelopes, and which were plain; "": all.
    static std::vector<Task> read(const redisReply& taken) {
        std::vector<Task> tasks;
        for (std::size_t list = 0; list < taken.elements; ++list) {
            const redisReply& envelopes = *taken.element[list]->element[2];
            const std::string fence = std::to_string(taken.element[list]->element[1]->integer);
            if (taken.element[list]->element[3]->len != 0) {
                throw std::runtime_error("another worker takes tasks of this queue");
            }
            for (std::size_t i = 0; i < envelopes.elements; ++i) {
                tasks.push_back({text_behind(text_of(*envelopes.element[i]), R"("id":")"), fence, ""});
            }
        }
        return tasks;
    }

    void settle(std::vector<Task> tasks) {
        const std::string now = now_in_microseconds();
        Words words = begin(scripts::settle(), now);
        const std::string count = std::to_string(tasks.size());
        words.add_all({count, "3600"});
        for (Task& each : tasks) {
            each.result = R"("status":"SUCCESS","result":null,"traceback":null,"children":[],"date_done":)"
                          R"("2026-01-01T00:00:00.000000","task_id":")";
            each.result.append(each.id).append(R"("})");
            words.add_all({each.fence, each.id, each.result});
        }
        const Reply settled = words.send(*redis_);
        for (std::size_t i = 0; i < settled->elements; ++i) {
            if (settled->element[i]->integer != 1) {
                throw std::runtime_error("a task was not settled");
            }
        }
    }

    static std::string_view text_behind(std::string_view json, std::string_view name) {
        const std::size_t begin = json.find(name);
        if (begin == std::string_view::npos) {
            throw std::runtime_error("an envelope is not as Brio writes it");
        }
        const std::string_view rest = json.substr(begin + name.size());
        return rest.substr(0, rest.find('"'));
    }

    std::unique_ptr<redisContext, Release> redis_;
};

}  // namespace

void work_on_redis(const std::string& url) {
    Worker worker(redis_place(url));
    worker.beat();
    std::cout << "ready" << std::endl;
    for (;;) {
        if (!worker.carry_out_batch()) {
            usleep(idle_us);
        }
    }
}

}  // namespace bench

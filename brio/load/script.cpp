#include <brio/load/script.hpp>

#include <array>

#include <brio/base/text.hpp>
#include <brio/http/percent.hpp>
#include <brio/json/read.hpp>
#include <brio/json/write.hpp>
#include <brio/load/json_path.hpp>
#include <brio/runtime/awaitables.hpp>

namespace brio::load {
namespace {

using Variables = std::vector<std::optional<ScriptValue>>;

std::string as(const ScriptValue& value, Template::As how) {
    switch (how) {
        case Template::As::json: return value.json;
        case Template::As::in_string: {
            const auto quoted = json::to_string(value.text);
            return quoted.substr(1, quoted.size() - 2);
        }
        case Template::As::form:
        case Template::As::path: {
            Buffer encoded;
            http::percent_encode(value.text, encoded);
            return std::string(encoded.view());
        }
        default: return value.text;
    }
}

// RFC 9562 §5.4: random but for six bits.
std::string random_uuid(Random& random) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
    for (char& c : text) {
        c = c == 'x' ? digits[random.below(16)] : c == 'y' ? digits[8 + random.below(4)] : c;
    }
    return text;
}

class ScriptedUser final : public AnyUser {
public:
    ScriptedUser(std::shared_ptr<const Script> script, std::size_t type)
        : script_(std::move(script)),
          user_(&script_->users[type]),
          variables_(script_->variables) {}

    Async<> start(Client client) override { return perform(client, &user_->start, false); }
    Async<> stop(Client client) override { return perform(client, &user_->stop, false); }
    Async<> run(std::size_t task, Client client) override {
        return perform(client, &user_->tasks[task].steps, true);
    }

private:
    Async<> perform(Client client, const std::vector<ScriptStep>* steps, bool is_task) {
        begin(client, is_task);
        for (const auto& step : *steps) {
            if (step.wait) {
                co_await runtime::sleep_for(step.wait->next({}, {}, client.random()));
            }
            if (!step.method.empty() && !co_await ask(client, &step)) {
                co_return;
            }
        }
    }

    // New rows, and what is another value each time.
    void begin(const Client& client, bool is_task) {
        for (const auto& feed : script_->feeds) {
            const bool has_one = variables_[feed.variables.front()].has_value();
            if (has_one && (feed.is_kept || !is_task)) {
                continue;
            }
            const auto* row = feed.rows->next(client.random());
            for (std::size_t i = 0; i < feed.variables.size(); ++i) {
                auto& variable = variables_[feed.variables[i]];
                variable = row == nullptr ? std::nullopt : std::optional(text_value((*row)[i]));
            }
        }
        constexpr std::uint64_t many = 1'000'000'000;
        variables_[script_->user_number] = json_value(integer_text(client.number()));
        variables_[script_->random_number] = json_value(integer_text(client.random().below(many)));
        variables_[script_->random_uuid] = text_value(random_uuid(client.random()));
    }

    // False when the task cannot go on.
    Async<bool> ask(Client client, const ScriptStep* step) {
        auto path = step->path.fill(variables_);
        if (!path) {
            co_return false;
        }
        Request request{.method = step->method,
                        .path = Path(step->name, std::move(*path)),
                        .content_type = step->content_type,
                        .options = {.expect = step->expect, .redirects = step->redirects}};
        for (const auto& [name, value] : step->headers) {
            auto filled = value.fill(variables_);
            if (!filled) {
                co_return false;
            }
            request.options.headers.emplace_back(name, std::move(*filled));
        }
        if (step->body) {
            const auto filled = step->body->fill(variables_);
            if (!filled) {
                co_return false;
            }
            request.body.append(*filled);
        }
        auto answer = co_await client.send(std::move(request));
        for (const auto& [check, value] : step->checks) {
            const auto wanted = value.fill(variables_);
            answer.check(check.name, wanted && check.holds(subject_of(answer, check), *wanted));
        }
        bool goes_on = true;
        for (const auto& take : step->takes) {
            goes_on = this->take(answer, take) && goes_on;
        }
        co_return goes_on;
    }

    static std::string subject_of(Answer& answer, const ScriptCheck& check) {
        switch (check.subject) {
            case ScriptCheck::Subject::status: return integer_text(answer.status());
            case ScriptCheck::Subject::header: return std::string(answer.header(check.of).value_or(""));
            case ScriptCheck::Subject::json: return answer.at(check.of);
            default: return std::string(answer.body());
        }
    }

    bool take(Answer& answer, const ScriptTake& take) {
        std::optional<ScriptValue> value;
        if (!take.header.empty()) {
            if (const auto field = answer.header(take.header)) {
                value = text_value(std::string(*field));
            }
        } else if (take.json_path.empty()) {
            value = text_value(std::string(answer.body()));
        } else if (auto json = json_raw_at(answer.body(), take.json_path); json && *json != "null") {
            value = json_value(std::move(*json));
        }
        const bool is_there = value && !value->text.empty();
        if (is_there) {
            variables_[take.variable] = std::move(value);
        }
        answer.check(concat({"takes ", take.name}), is_there);
        return is_there;
    }

    const std::shared_ptr<const Script> script_;
    const ScriptUser* const user_;
    Variables variables_;
};

}  // namespace

ScriptValue text_value(std::string text) {
    auto json = json::to_string(text);
    return {.text = std::move(text), .json = std::move(json)};
}

ScriptValue json_value(std::string json) {
    auto text =
        json.starts_with('"') ? json::read<std::string>(json, {.bytes = SIZE_MAX}).value_or("") : json;
    return {.text = std::move(text), .json = std::move(json)};
}

void Template::append(std::string_view literal) {
    if (literal.empty()) {
        return;
    }
    if (parts_.empty() || parts_.back().variable) {
        parts_.emplace_back();
    }
    parts_.back().literal += literal;
}

void Template::append(std::size_t variable, As how) {
    if (parts_.empty() || parts_.back().variable) {
        parts_.emplace_back();
    }
    parts_.back().variable = variable;
    parts_.back().as = how;
}

std::optional<std::string> Template::fill(const Variables& variables) const {
    std::string text;
    for (const auto& part : parts_) {
        text += part.literal;
        if (part.variable) {
            const auto& value = variables[*part.variable];
            if (!value) {
                return std::nullopt;
            }
            text += load::as(*value, part.as);
        }
    }
    return text;
}

Scenario scenario_of(std::shared_ptr<const Script> script) {
    Scenario scenario{.name = script->name, .types = {}};
    for (std::size_t i = 0; i < script->users.size(); ++i) {
        const auto& user = script->users[i];
        UserType type{.name = user.name,
                      .share = user.share,
                      .wait = user.wait,
                      .tasks = {},
                      .has_start = !user.start.empty(),
                      .has_stop = !user.stop.empty(),
                      .make = [script, i] { return std::make_unique<ScriptedUser>(script, i); }};
        for (const auto& task : user.tasks) {
            type.tasks.push_back({.name = task.name, .weight = task.weight});
        }
        scenario.types.push_back(std::move(type));
    }
    return scenario;
}

}  // namespace brio::load

#include <brio/tasks/workflow.hpp>

#include <algorithm>
#include <iterator>

#include <brio/base/expect.hpp>
#include <brio/base/random.hpp>
#include <brio/reflect/uuid.hpp>
#include <brio/tasks/celery_json.hpp>
#include <brio/tasks/tasks.hpp>

namespace brio::tasks {

namespace {

template <class T>
json::Raw raw(const T& value) {
    return json::Raw(json::to_string(value));
}

double seconds_of(std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

/// Gives each task its id.
class Workflow::Writer {
public:
    Writer(const Tasks& tasks, Timestamp now) : tasks_(tasks), now_(now) {}

    json::Raw write(const Workflow& of, bool has_previous) {
        switch (of.kind_) {
            case Kind::chain: return write_chain(of, has_previous);
            case Kind::group: return write_group(of, has_previous);
            case Kind::task: break;
        }
        return write_task(of, has_previous);
    }
    Pushed take() { return std::move(pushed_); }

private:
    json::Raw write_task(const Workflow& of, bool has_previous) {
        JsonMembers options = write_options(of);
        JsonMembers kwargs = read_python<JsonMembers>(of.kwargs_).value_or(JsonMembers());
        if (has_previous && !of.previous_.empty()) {
            kwargs.erase(of.previous_);
        }
        pushed_.id = of.options_.id.empty() ? new_id() : of.options_.id;
        pushed_.ids.push_back(pushed_.id);
        options["task_id"] = raw(pushed_.id);
        auto text = write_signature(of.name_, std::move(options), std::move(kwargs), "");
        text["args"] = json::Raw(of.args_);
        text["immutable"] = raw(!of.takes_previous_);
        return raw(text);
    }

    JsonMembers write_options(const Workflow& of) {
        JsonMembers options;
        const PushOptions& given = of.options_;
        if (!given.queue.empty()) {
            options["queue"] = raw(given.queue);
        } else if (of.policy_ != nullptr) {  // whoever fires it may not know where it goes
            options["queue"] = raw(tasks_.queue_of(of.name_, of.policy_->queue));
        }
        if (given.priority) {
            options["priority"] = raw(*given.priority);
        }
        if (given.at) {
            options["eta"] = raw(*given.at);
        } else if (given.in) {
            options["countdown"] = raw(seconds_of(*given.in));
        }
        if (given.expires) {
            options["expires"] = raw(seconds_of(*given.expires));
        }
        if (given.deadline) {
            options["soft_time_limit"] = raw(seconds_of(*given.deadline));
        }
        write_failures(of, options);
        return options;
    }
    void write_failures(const Workflow& of, JsonMembers& options) {
        std::vector<json::Raw> failures;
        for (const Workflow& each : of.on_failure_) {
            const auto main = std::move(pushed_);  // it is none of the workflow's own
            failures.push_back(write(each, true));
            pushed_ = main;
        }
        if (!failures.empty()) {
            options["link_error"] = raw(failures);
        }
    }

    // A group that something comes after is written as a chord, as Celery's workers know it.
    json::Raw write_chain(const Workflow& of, bool has_previous) {
        std::vector<json::Raw> steps;
        for (std::size_t i = 0; i < of.parts_.size(); ++i) {
            auto text = write(of.parts_[i], has_previous || i > 0);
            if (i > 0 && of.parts_[i - 1].kind_ == Kind::group) {
                const auto group = read_python<JsonMembers>(steps.back().text).value_or(JsonMembers());
                const auto kwargs = read_python<JsonMembers>(member(group, "kwargs")).value_or(JsonMembers());
                JsonMembers chord;
                chord["header"] = json::Raw(std::string(member(kwargs, "tasks")));
                chord["body"] = std::move(text);
                auto options = read_python<JsonMembers>(member(group, "options")).value_or(JsonMembers());
                steps.back() =
                    raw(write_signature("celery.chord", std::move(options), std::move(chord), "chord"));
            } else {
                steps.push_back(std::move(text));
            }
        }
        JsonMembers options;
        write_failures(of, options);
        JsonMembers kwargs;
        kwargs["tasks"] = raw(steps);
        return raw(write_signature("celery.chain", std::move(options), std::move(kwargs), "chain"));
    }

    json::Raw write_group(const Workflow& of, bool has_previous) {
        std::vector<json::Raw> tasks;
        for (const Workflow& each : of.parts_) {
            tasks.push_back(write(each, has_previous));
        }
        pushed_.id.clear();
        JsonMembers options;
        options["task_id"] = raw(new_id());
        write_failures(of, options);
        JsonMembers kwargs;
        kwargs["tasks"] = raw(tasks);
        return raw(write_signature("celery.group", std::move(options), std::move(kwargs), "group"));
    }

    static JsonMembers write_signature(const std::string& name, JsonMembers options, JsonMembers kwargs,
                                       std::string_view kind) {
        JsonMembers members;
        members["task"] = raw(name);
        members["args"] = json::Raw("[]");
        members["kwargs"] = raw(kwargs);
        members["options"] = raw(options);
        members["subtask_type"] = kind.empty() ? json::Raw("null") : raw(kind);
        members["immutable"] = json::Raw("false");
        return members;
    }

    std::string new_id() const { return Uuid::v7(now_, thread_random()).text(); }

    const Tasks& tasks_;
    const Timestamp now_;
    Pushed pushed_;
};

Workflow Workflow::named(std::string name, std::string args, std::string kwargs, bool takes_previous,
                         PushOptions options) {
    Workflow one;
    one.name_ = std::move(name);
    one.args_ = std::move(args);
    one.kwargs_ = std::move(kwargs);
    one.takes_previous_ = takes_previous;
    one.options_ = std::move(options);
    return one;
}

Workflow Workflow::chain_of(std::vector<Workflow> steps) {
    expect(!steps.empty(), "a chain has a step");
    Workflow all;
    all.kind_ = Kind::chain;
    // A chain within a chain is part of it, so that a group at its end is waited for.
    for (Workflow& each : steps) {
        if (each.kind_ == Kind::chain && each.on_failure_.empty()) {
            std::ranges::move(each.parts_, std::back_inserter(all.parts_));
        } else {
            all.parts_.push_back(std::move(each));
        }
    }
    return all;
}

Workflow Workflow::group_of(std::vector<Workflow> tasks) {
    expect(!tasks.empty(), "a group has a task");
    Workflow all;
    all.kind_ = Kind::group;
    all.parts_ = std::move(tasks);
    return all;
}

Workflow Workflow::on_failure(Workflow then) && {
    on_failure_.push_back(std::move(then));
    return std::move(*this);
}

std::pair<json::Raw, Workflow::Pushed> Workflow::signature(const Tasks& tasks, Timestamp now) const {
    Writer writer(tasks, now);
    auto text = writer.write(*this, false);
    return {std::move(text), writer.take()};
}

}  // namespace brio::tasks

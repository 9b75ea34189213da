// Those who make the load, as their leader knows them: what each has counted becomes one record, and one look
// a second. Pure.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <brio/load/follow_message.hpp>
#include <brio/load/outcome.hpp>

namespace brio::load::follow {

class Followers {
public:
    static constexpr std::size_t most = 64;

    struct Look {
        std::chrono::nanoseconds at{};
        std::size_t users = 0;
        Record since_last;
    };

    /// Their names are for what is said of them.
    explicit Followers(std::vector<std::string> names);

    void counted(std::size_t number, Counted counted);
    void ended(std::size_t number, Ended ended);
    /// It could not begin, or nothing more comes from it: what it has told counts. Nothing of one who has
    /// ended.
    void lost(std::size_t number, std::string_view why);
    /// They were told to stop: who ends early ends as it is to.
    void stopped() noexcept { was_stopped_ = true; }

    bool is_at_work(std::size_t number) const noexcept { return !followers_[number].is_over; }
    bool are_over() const noexcept;
    /// Of a second of which all who are at work have told, if there is one.
    std::optional<Look> next_look();
    const Record& so_far() const noexcept { return so_far_; }
    /// Whose figures are not whole, a sentence each.
    const std::vector<std::string>& lost() const noexcept { return lost_; }
    /// What all have counted. Requires are_over().
    Outcome outcome(const Plan& plan) const;

private:
    struct Follower {
        std::string name;
        std::size_t seconds = 0;  // it has told of
        std::chrono::nanoseconds at{};
        std::size_t users = 0;
        std::size_t most_users = 0;
        Record record;  // of what it has told second by second
        std::optional<Ended> whole;
        bool is_over = false;
    };

    std::vector<Follower> followers_;
    std::size_t looks_ = 0;
    std::chrono::nanoseconds looked_at_{};
    Record since_last_;
    Record so_far_;
    std::vector<std::string> lost_;
    bool was_stopped_ = false;
};

}  // namespace brio::load::follow

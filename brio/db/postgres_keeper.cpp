#include <brio/db/postgres_keeper.hpp>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <brio/base/log.hpp>
#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/db/postgres_link.hpp>
#include <brio/sql/statement.hpp>

namespace brio::db::postgres {

namespace {

constexpr std::string_view generations_channel = "brio_generations";
constexpr std::string_view own_format = "brio1 ";
constexpr std::string_view every_table = "*";
constexpr std::size_t most_payload = 7'999;  // PostgreSQL's documentation of NOTIFY
constexpr std::chrono::milliseconds look_every{250};
// After the last look that was answered: longer, and commits of others may have been missed.
constexpr std::chrono::milliseconds current_for{1000};
constexpr std::chrono::milliseconds tell_every{10};  // each NOTIFY costs the server as much as a commit
constexpr std::chrono::milliseconds connect_again_after{250};
constexpr std::chrono::seconds kept_for{3};

std::string random_name() {
    std::array<std::byte, 8> bytes;
    random_bytes(bytes);
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return integer_text(number);
}

std::string_view take_word(std::string_view& text) {
    const auto begin = std::min(text.find_first_not_of(" ,"), text.size());
    text.remove_prefix(begin);
    const auto word = text.substr(0, text.find_first_of(" ,"));
    text.remove_prefix(word.size());
    return word;
}

}  // namespace

std::size_t generation_of(std::string_view table) noexcept {
    return sql::Generations::class_of(table, generation_count);
}

std::string generation_name(std::size_t number) {
    return concat({"brio_generation_", number < 10 ? "0" : "", integer_text(number)});
}

/// A cancel that somebody waits for. Shared with the keeper's thread.
struct Keeper::Cancel : runtime::Posted {
    Cancel(Keeper& its_keeper, int its_process, runtime::Loop& its_loop)
        : Posted([](Posted& posted) { static_cast<Cancel&>(posted).arrive(); }),
          keeper(its_keeper),
          process(its_process),
          loop(its_loop) {}
    void arrive() {
        const auto self = keeper.take_posted(*this);
        if (waiting) {
            std::exchange(waiting, {}).resume();
        }
    }
    Keeper& keeper;
    int process;
    runtime::Loop& loop;
    std::coroutine_handle<> waiting;  // of the loop's thread only
};

class Keeper::CancelWait : runtime::StopCallback {
public:
    CancelWait(Keeper& keeper, std::shared_ptr<Cancel> cancel)
        : StopCallback(
              [](StopCallback& stop, runtime::StopReason) { static_cast<CancelWait&>(stop).go_on(); }),
          keeper_(keeper),
          cancel_(std::move(cancel)) {}
    CancelWait(const CancelWait&) = delete;
    ~CancelWait() { cancel_->waiting = {}; }

    bool await_ready() const noexcept { return false; }
    template <std::derived_from<runtime::PromiseBase> P>
    void await_suspend(std::coroutine_handle<P> handle) {
        work_ = handle.promise().work;
        cancel_->waiting = handle;
        {
            const std::scoped_lock lock(keeper_.mutex_);
            keeper_.work_.cancels.push_back(cancel_);
        }
        keeper_.wake();
        work_->on_stop(*this);
    }
    void await_resume() const { work_->check(); }

private:
    void go_on() {
        if (cancel_->waiting) {
            std::exchange(cancel_->waiting, {}).resume();
        }
    }
    Keeper& keeper_;
    std::shared_ptr<Cancel> cancel_;
    runtime::Work* work_ = nullptr;
};

struct Keeper::Listening {
    Receive receive;
};

Keeper::Work Keeper::Work::take(bool with_commits) {
    Work taken{.cancels = std::exchange(cancels, {}),
               .notes = std::exchange(notes, {}),
               .channels_changed = std::exchange(channels_changed, false)};
    if (with_commits) {
        taken.tables = std::exchange(tables, {});
        taken.moved = std::exchange(moved, {});
    }
    return taken;
}

Keeper::Keeper(ConnectOptions options, sql::Generations& generations, bool counts)
    : options_(std::move(options)),
      generations_(generations),
      counts_(counts),
      name_(random_name()),
      wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    generations_.set_current_until({});  // until it is connected
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "db-keeper");
        serve();
    });
}

Keeper::~Keeper() {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
    }
    wake();
    thread_.join();
}

void Keeper::wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wakeup_.fd(), &one, sizeof one);
}

// -- what others ask --

void Keeper::committed(const std::vector<std::string>& tables, const std::vector<std::size_t>& moved) {
    bool first = false;
    {
        const std::scoped_lock lock(mutex_);
        first = work_.told_of_nothing();
        work_.tables.insert(tables.begin(), tables.end());
        for (const std::size_t number : moved) {
            ++work_.moved[number];
            own_moves_[number].fetch_add(1, std::memory_order_relaxed);
        }
    }
    if (first) {
        wake();
    }
}

Async<void> Keeper::cancel(int server_process) {
    auto& work = co_await runtime::current_work;
    work.check();
    co_await CancelWait(*this, std::make_shared<Cancel>(*this, server_process, *work.loop));
}

void Keeper::keep_for_a_while(std::unique_ptr<Connection::Attachment> thing) {
    const std::scoped_lock lock(mutex_);
    kept_.emplace_back(monotonic_now() + kept_for, std::move(thing));
}

Notifications::Subscription Keeper::listen(std::string channel, Receive receive) {
    auto listening = std::make_shared<Listening>(std::move(receive));
    {
        const std::scoped_lock lock(mutex_);
        std::erase_if(listening_, [](const auto& entry) { return entry.second.expired(); });
        listening_.emplace(std::move(channel), listening);
        work_.channels_changed = true;
    }
    wake();
    return listening;
}

void Keeper::notify(std::string channel, std::string payload) {
    {
        const std::scoped_lock lock(mutex_);
        if (work_.notes.size() >= most_notes) {
            work_.notes.erase(work_.notes.begin());
        }
        work_.notes.emplace_back(std::move(channel), std::move(payload));
    }
    wake();
}

// -- the thread --

void Keeper::serve() {
    bool reported = false;
    for (;;) {
        try {
            Link link(options_);
            link.query(concat({"LISTEN ", generations_channel}));
            counts_are_known_ = false;
            // What was read before this may be older than what others have told meanwhile.
            read_cascades(link);
            generations_.move_all();
            look(link);
            tell_of_a_gap();
            reported = false;
            if (!serve_link(link)) {
                return;
            }
        } catch (const std::exception& error) {
            generations_.set_current_until({});
            if (!std::exchange(reported, true)) {
                log_warning("the database does not answer", {{"reason", error.what()}});
            }
        }
        std::vector<std::shared_ptr<Cancel>> cancels;
        {
            const std::scoped_lock lock(mutex_);
            if (ending_) {
                return;
            }
            cancels.swap(work_.cancels);
        }
        answer(cancels);
        release_kept();
        pollfd wait{.fd = wakeup_.fd(), .events = POLLIN, .revents = 0};
        ::poll(&wait, 1, static_cast<int>(connect_again_after.count()));
        std::uint64_t drained = 0;
        [[maybe_unused]] const auto read = ::read(wakeup_.fd(), &drained, sizeof drained);
    }
}

/// Whoever listens may have missed messages; channels are listened to anew.
void Keeper::tell_of_a_gap() {
    std::vector<std::shared_ptr<Listening>> receivers;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& [channel, listening] : listening_) {
            receivers.push_back(listening.lock());
        }
        work_.channels_changed = !receivers.empty();
    }
    for (const auto& each : receivers) {
        if (each != nullptr) {
            each->receive({});
        }
    }
}

/// False when the keeper ends; throws when the connection is lost.
bool Keeper::serve_link(Link& link) {
    std::chrono::nanoseconds looked{};
    std::chrono::nanoseconds told{};
    auto longest_wait = look_every;
    for (;;) {
        link.wait(wakeup_.fd(), longest_wait);
        std::uint64_t drained = 0;
        [[maybe_unused]] const auto read = ::read(wakeup_.fd(), &drained, sizeof drained);
        Work work;
        bool ending = false;
        {
            // Commits are gathered: what is left here waits for its turn without waking anybody again.
            const std::scoped_lock lock(mutex_);
            ending = ending_;
            const bool due = ending || monotonic_now() - told >= tell_every;
            longest_wait = due || work_.told_of_nothing() ? look_every : tell_every;
            work = work_.take(due);
        }
        if (!work.told_of_nothing()) {
            told = monotonic_now();
        }
        do_work(link, work);
        if (ending) {
            return false;
        }
        take_notifications(link);
        release_kept();
        if (monotonic_now() - looked >= look_every) {
            looked = monotonic_now();
            look(link);
        }
    }
}

std::shared_ptr<const Cascades> Keeper::cascades() {
    const std::scoped_lock lock(mutex_);
    return cascades_;
}

void Keeper::read_cascades(Link& link) {
    const auto row = link.query(
        "SELECT coalesce(string_agg(concat(target.relname, ' ', changed.relname), ','), '') FROM "
        "pg_constraint "
        "AS c JOIN pg_class AS target ON target.oid = c.confrelid JOIN pg_class AS changed ON changed.oid = "
        "c.conrelid WHERE c.contype = 'f' AND c.confdeltype IN ('c', 'n', 'd')");
    std::vector<Cascades::Reference> references;
    for (std::string_view rest = row.at(0); !trim(rest).empty();) {
        const auto target = take_word(rest);
        references.push_back({std::string(target), std::string(take_word(rest))});
    }
    const std::scoped_lock lock(mutex_);
    cascades_ = std::make_shared<const Cascades>(references);
}

/// The server answers: what it has told until now is known.
void Keeper::look(Link& link) {
    const auto now = monotonic_now();
    if (counts_) {
        look_at_counts(link);
    } else {
        link.query("SELECT 1");
        take_notifications(link);
    }
    generations_.set_current_until(now + current_for);
}

void Keeper::do_work(Link& link, Work& work) {
    try {
        for (const auto& cancel : work.cancels) {
            link.query("SELECT pg_cancel_backend($1)", {integer_text(cancel->process)});
        }
        answer(work.cancels);
        if (work.channels_changed) {
            std::set<std::string> channels;
            {
                const std::scoped_lock lock(mutex_);
                for (const auto& [channel, listening] : listening_) {
                    channels.insert(channel);
                }
            }
            for (const std::string& channel : channels) {
                link.query(concat({"LISTEN \"", channel, "\""}));
            }
        }
        if (!work.tables.empty() || !work.moved.empty()) {
            std::string payload = concat({own_format, name_, " "});
            for (const auto& [number, times] : work.moved) {
                payload += concat({integer_text(number), ":", integer_text(times), ","});
            }
            payload += " ";
            const std::size_t moves = payload.size();
            for (const std::string& table : work.tables) {
                payload += concat({" ", table});
            }
            if (payload.size() > most_payload) {
                payload.replace(moves, payload.npos, concat({" ", every_table}));
            }
            link.query("SELECT pg_notify($1, $2)", {std::string(generations_channel), payload});
        }
        for (const auto& [channel, payload] : work.notes) {
            link.query("SELECT pg_notify($1, $2)", {channel, payload.substr(0, most_payload)});
        }
    } catch (...) {
        answer(work.cancels);
        // Told again over the next connection.
        const std::scoped_lock lock(mutex_);
        work_.tables.merge(work.tables);
        for (const auto& [number, times] : work.moved) {
            work_.moved[number] += times;
        }
        work_.channels_changed = true;
        throw;
    }
}

void Keeper::answer(std::vector<std::shared_ptr<Cancel>>& cancels) {
    for (const auto& cancel : cancels) {
        {
            const std::scoped_lock lock(mutex_);
            posted_.push_back(cancel);
        }
        cancel->loop.post(*cancel);
    }
    cancels.clear();
}

std::shared_ptr<Keeper::Cancel> Keeper::take_posted(const Cancel& cancel) {
    const std::scoped_lock lock(mutex_);
    const auto at = std::ranges::find(posted_, &cancel, &std::shared_ptr<Cancel>::get);
    auto taken = std::move(*at);
    posted_.erase(at);
    return taken;
}

void Keeper::release_kept() {
    std::vector<std::unique_ptr<Connection::Attachment>> over;
    const std::scoped_lock lock(mutex_);
    while (!kept_.empty() && kept_.front().first <= monotonic_now()) {
        over.push_back(std::move(kept_.front().second));
        kept_.pop_front();
    }
}

void Keeper::take_notifications(Link& link) {
    while (const auto note = link.next_notification()) {
        if (note->channel == generations_channel) {
            take_generations(note->payload);
        }
        std::vector<std::shared_ptr<Listening>> receivers;
        {
            const std::scoped_lock lock(mutex_);
            const auto [begin, end] = listening_.equal_range(note->channel);
            for (auto at = begin; at != end; ++at) {
                if (auto listening = at->second.lock()) {
                    receivers.push_back(std::move(listening));
                }
            }
        }
        for (const auto& each : receivers) {
            each->receive(note->payload);
        }
    }
}

/// `brio1 NAME 3:1,7:2, resources users` from a process like this one; from anybody else the names of tables,
/// or nothing for all of them.
void Keeper::take_generations(std::string_view payload) {
    if (!payload.starts_with(own_format)) {
        if (trim(payload).empty()) {
            generations_.move_all();
        }
        while (!trim(payload).empty()) {
            generations_.move(take_word(payload));
        }
        return;
    }
    payload.remove_prefix(own_format.size());
    if (take_word(payload) == name_) {
        return;
    }
    while (!trim(payload).empty()) {
        const std::string_view word = take_word(payload);
        const auto colon = word.find(':');
        if (word == every_table) {
            generations_.move_all();
        } else if (colon == word.npos) {
            generations_.move(word);
        }
        if (colon == word.npos) {
            continue;
        }
        std::size_t number = 0;
        std::uint64_t times = 0;
        std::from_chars(word.data(), word.data() + colon, number);
        std::from_chars(word.data() + colon + 1, word.data() + word.size(), times);
        if (number < generation_count) {
            known_moves_[number] += times;
        }
    }
}

/// A sequence that moved more often than this process moved it and others told of is suspected at one look
/// and believed at the next that finds the same: what is on its way has come by then.
void Keeper::look_at_counts(Link& link) {
    std::string text = "SELECT ";
    for (std::size_t i = 0; i < generation_count; ++i) {
        text += concat(
            {i == 0 ? "" : ", ", "(SELECT last_value - 1 + is_called::int FROM ", generation_name(i), ")"});
    }
    const auto row = link.query(text);
    take_notifications(link);
    for (std::size_t i = 0; i < generation_count; ++i) {
        std::uint64_t moves = 0;
        std::from_chars(row[i].data(), row[i].data() + row[i].size(), moves);
        const std::uint64_t unexplained =
            moves - own_moves_[i].load(std::memory_order_relaxed) - known_moves_[i];
        if (!counts_are_known_) {
            known_moves_[i] += unexplained;
            suspected_[i] = 0;
        } else if (unexplained == 0 || unexplained != suspected_[i]) {
            suspected_[i] = unexplained;
        } else {
            generations_.move_class(generation_count, i);
            known_moves_[i] += unexplained;
            suspected_[i] = 0;
        }
    }
    counts_are_known_ = true;
}

}  // namespace brio::db::postgres

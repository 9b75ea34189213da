#include <brio/db/postgres_keeper.hpp>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <brio/base/log.hpp>
#include <brio/base/random.hpp>
#include <brio/base/text.hpp>
#include <brio/db/error.hpp>
#include <brio/db/postgres_link.hpp>
#include <brio/reflect/utf8.hpp>
#include <brio/sql/statement_text.hpp>

namespace brio::db::postgres {

namespace {

constexpr std::string_view generations_channel = "brio_generations";
constexpr std::size_t longest_channel = 63;  // of PostgreSQL's names
constexpr std::chrono::milliseconds look_every{250};
constexpr std::chrono::milliseconds read_cascades_every{1000};
constexpr std::chrono::milliseconds read_room_every{1000};
constexpr std::string_view keeper_suffix = " keeper";
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

void expect_channel(std::string_view channel) {
    expect(!channel.empty() && channel.size() <= longest_channel && reflect::is_utf8(channel) &&
               !channel.contains('\0'),
           "a channel's name is 1 to 63 bytes of UTF-8");
}

/// What PostgreSQL can carry of it.
std::string payload_of(std::string_view payload) {
    auto valid = valid_utf8(payload);
    std::erase(valid, '\0');
    return std::string(reflect::utf8_front(valid, most_payload));
}

}  // namespace

struct Keeper::Listening {
    Receive receive;
};

Keeper::Work Keeper::Work::take(bool with_commits) {
    Work taken{.channels_changed = std::exchange(channels_changed, false)};
    while (!notes.empty() && taken.notes.size() < notes_at_once) {
        taken.notes.push_back(std::move(notes.front()));
        notes.pop_front();
    }
    if (with_commits) {
        taken.commits = std::exchange(commits, {});
    }
    return taken;
}

Keeper::Keeper(ConnectOptions options, sql::Generations& generations, bool counts)
    : options_(std::move(options)),
      generations_(generations),
      counts_(counts),
      wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      moves_(random_name()) {
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
        first = work_.commits.empty();
        work_.commits.tables.insert(tables.begin(), tables.end());
        for (const std::size_t number : moved) {
            ++work_.commits.moved[number];
            moves_.moved_here(number);
        }
    }
    if (first) {
        wake();
    }
}

void Keeper::keep_for_a_while(std::unique_ptr<Connection::Attachment> thing) {
    const std::scoped_lock lock(mutex_);
    kept_.emplace_back(monotonic_now() + kept_for, std::move(thing));
}

Notifications::Subscription Keeper::listen(std::string channel, Receive receive) {
    expect_channel(channel);
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
    expect_channel(channel);
    Note note{std::move(channel), payload_of(payload)};
    {
        const std::scoped_lock lock(mutex_);
        auto& notes = work_.notes;
        if (std::ranges::find(notes, note) != notes.end()) {
            return;  // it says so again, and is still to be sent
        }
        if (notes.size() >= most_notes) {
            notes.pop_front();
        }
        notes.push_back(std::move(note));
    }
    wake();
}

// -- the thread --

void Keeper::serve() {
    bool reported = false;
    for (;;) {
        try {
            Link link(options_);
            take_name(link);
            link.query(concat({"LISTEN ", generations_channel}));
            moves_.forget();
            // What was read before everything moves may be older than what others have told meanwhile, and
            // what they have not told is counted from before that moment.
            read_cascades(link);
            hear(link);
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
        {
            const std::scoped_lock lock(mutex_);
            if (ending_) {
                return;
            }
        }
        cancels_.answer(cancels_.take());
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
    auto cascades_read = monotonic_now();
    std::chrono::nanoseconds room_read{};
    auto longest_wait = look_every;
    for (;;) {
        link.wait(wakeup_.fd(), longest_wait);
        std::uint64_t drained = 0;
        [[maybe_unused]] const auto read = ::read(wakeup_.fd(), &drained, sizeof drained);
        Work work;
        bool ending = false;
        bool has_more = false;
        {
            // Commits are gathered: what is left here waits for its turn without waking anybody again.
            const std::scoped_lock lock(mutex_);
            ending = ending_;
            const bool due = ending || monotonic_now() - told >= tell_every;
            longest_wait = due || work_.commits.empty() ? look_every : tell_every;
            work = work_.take(due);
            has_more = !work_.notes.empty();
            if (has_more) {
                longest_wait = {};
            }
        }
        if (!work.commits.empty()) {
            told = monotonic_now();
        }
        do_work(link, work);
        if (ending && !has_more) {
            return false;
        }
        take_notifications(link);
        release_kept();
        if (monotonic_now() - looked >= look_every) {
            looked = monotonic_now();
            look(link);
            if (looked - cascades_read >= read_cascades_every) {
                cascades_read = looked;
                read_cascades(link);
            }
            if (looked - room_read >= read_room_every) {
                room_read = looked;
                read_room(link);
            }
        }
    }
}

std::shared_ptr<const Cascades> Keeper::cascades() {
    const std::scoped_lock lock(mutex_);
    return cascades_;
}

void Keeper::on_room(std::function<void(const Room&)> told) {
    const std::scoped_lock lock(room_mutex_);
    room_told_ = std::move(told);
}

// Each process has one keeper, and is counted by it.
void Keeper::take_name(Link& link) {
    name_ = link.query("SELECT left(current_setting('application_name'), 50)").at(0);
    link.query("SELECT set_config('application_name', $1, false)", {name_ + std::string(keeper_suffix)});
}

// Of others' connections no more is to be seen than their database and name, which is enough. Cost at the
// server: 0.4 ms with 100 connections, its way to and fro included.
void Keeper::read_room(Link& link) {
    const auto row = link.query(
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')"
        "::int - coalesce(current_setting('reserved_connections', true)::int, 0), count(*), "
        "count(*) FILTER (WHERE application_name IN ($1, $2)), count(*) FILTER (WHERE application_name = $2) "
        "FROM pg_stat_activity WHERE datid IS NOT NULL AND coalesce(backend_type, 'client backend') = "
        "'client backend'",
        {name_, name_ + std::string(keeper_suffix)});
    Room room;
    const auto number = [&row](std::size_t column, std::size_t& value) {
        std::from_chars(row.at(column).data(), row.at(column).data() + row.at(column).size(), value);
    };
    number(0, room.most);
    number(1, room.used);
    number(2, room.ours);
    number(3, room.processes);
    const std::scoped_lock lock(room_mutex_);
    if (room_told_) {
        room_told_(room);
    }
}

void Keeper::read_cascades(Link& link) {
    const auto row = link.query(
        "SELECT coalesce(string_agg(concat(target.relname, ' ', changed.relname, ' ', "
        "CASE WHEN c.confdeltype IN ('c', 'n', 'd') THEN 'd' END, "
        "CASE WHEN c.confupdtype IN ('c', 'n', 'd') THEN 'u' END), ','), '') FROM pg_constraint AS c "
        "JOIN pg_class AS target ON target.oid = c.confrelid JOIN pg_class AS changed ON changed.oid = "
        "c.conrelid WHERE c.contype = 'f' AND (c.confdeltype IN ('c', 'n', 'd') OR c.confupdtype IN "
        "('c', 'n', 'd'))");
    std::vector<Cascades::Reference> references;
    for (std::string_view rest = row.at(0); !trim(rest).empty();) {
        Cascades::Reference each{.target = std::string(take_word(rest)),
                                 .table = std::string(take_word(rest))};
        const auto when = take_word(rest);
        each.on_delete = when.contains('d');
        each.on_update = when.contains('u');
        references.push_back(std::move(each));
    }
    const std::scoped_lock lock(mutex_);
    cascades_ = std::make_shared<const Cascades>(references);
}

/// The server answers: what it has told until now is known.
void Keeper::hear(Link& link) {
    if (counts_) {
        look_at_counts(link);
    } else {
        link.query("SELECT 1");
        take_notifications(link);
    }
}

void Keeper::look(Link& link) {
    const auto now = monotonic_now();
    hear(link);
    generations_.set_current_until(now + current_for);
}

void Keeper::do_work(Link& link, Work& work) {
    auto cancels = cancels_.take();
    try {
        for (const auto& cancel : cancels) {
            link.query("SELECT pg_cancel_backend($1)", {integer_text(cancel->server_process)});
        }
        cancels_.answer(std::exchange(cancels, {}));
        if (work.channels_changed) {
            std::set<std::string> channels;
            {
                const std::scoped_lock lock(mutex_);
                for (const auto& [channel, listening] : listening_) {
                    channels.insert(channel);
                }
            }
            for (const std::string& channel : channels) {
                link.query(concat({"LISTEN ", sql::quoted_name(channel)}));
            }
        }
        if (!work.commits.empty()) {
            link.query("SELECT pg_notify($1, $2)",
                       {std::string(generations_channel), moves_.payload_of(work.commits)});
            work.commits = {};  // told, whatever becomes of the notes
        }
        send(link, work.notes);
    } catch (...) {
        cancels_.answer(std::exchange(cancels, {}));
        // Told again over the next connection.
        const std::scoped_lock lock(mutex_);
        work_.commits.merge(work.commits);
        work_.notes.insert(work_.notes.begin(), work.notes.begin(), work.notes.end());
        work_.channels_changed = true;
        throw;
    }
}

/// Takes off what is sent, or refused.
void Keeper::send(Link& link, std::deque<Note>& notes) {
    for (; !notes.empty(); notes.pop_front()) {
        try {
            link.query("SELECT pg_notify($1, $2)", {notes.front().channel, notes.front().payload});
        } catch (const StatementError& error) {
            log_warning("the database refuses a notification",
                        {{"channel", notes.front().channel}, {"reason", error.what()}});
        }
    }
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

void Keeper::take_generations(std::string_view payload) {
    for (const std::string& table : moves_.take(payload)) {
        move(table);
    }
}

void Keeper::move(std::string_view table) {
    if (table == every_table) {
        generations_.move_all();
    } else {
        generations_.move(table);
    }
}

void Keeper::look_at_counts(Link& link) {
    static const std::string text = [] {
        std::string select = "SELECT ";
        for (std::size_t i = 0; i < generation_count; ++i) {
            select += concat({i == 0 ? "" : ", ", "(SELECT last_value - 1 + is_called::int FROM ",
                              generation_name(i), ")"});
        }
        return select;
    }();
    const auto row = link.query(text);
    take_notifications(link);
    Moves::Counts counts{};
    for (std::size_t i = 0; i < counts.size(); ++i) {
        std::from_chars(row[i].data(), row[i].data() + row[i].size(), counts[i]);
    }
    for (const std::size_t number : moves_.look(counts)) {
        generations_.move_class(generation_count, number);
    }
}

}  // namespace brio::db::postgres

#include <brio/tasks/last_words.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>

namespace brio::tasks {

namespace {

constexpr std::string_view head = "brio last words: ";
constexpr std::string_view ending = ".words";
constexpr std::size_t longest_file = 256 * 1024;
constexpr std::size_t most_frames = 24;  // that are kept of a stack

std::atomic<const LastWords*> speaker{nullptr};

/// Text to two files, from a signal handler.
class Writing {
public:
    explicit Writing(int file) noexcept
        : file_(file),
          stderr_(file == STDERR_FILENO ? -1 : STDERR_FILENO) {}  // which may be closed
    const Writing& put(std::string_view text) const noexcept {
        each([text](int file) {
            if (::write(file, text.data(), text.size()) < 0) {
                return;  // the other one may have it
            }
        });
        return *this;
    }
    const Writing& put(std::uint64_t number) const noexcept {
        char digits[20];
        const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
        return put({digits, static_cast<std::size_t>(end - digits)});
    }
    void put(const RunningNotes::Note& note, bool is_here) const noexcept {
        put(is_here ? "here " : "beside ").put(note.fence).put(" ").put(note.id_text());
        put(" ").put(note.name_text()).put("\n");
    }

    template <class Use>
    void each(Use use) const noexcept {
        for (const int one : {file_, stderr_}) {
            if (one >= 0) {
                use(one);
            }
        }
    }

private:
    int file_;
    int stderr_;
};

/// A folder of this user's, into which nobody else can put anything.
bool is_own(const char* folder) noexcept {
    struct stat about{};
    return ::lstat(folder, &about) == 0 && S_ISDIR(about.st_mode) && about.st_uid == ::geteuid() &&
           (about.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// Takes what comes before the mark off the front of the text, and the mark.
std::string_view take_until(char mark, std::string_view& text) noexcept {
    const auto end = std::min(text.find(mark), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(longest_file, 0);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

}  // namespace

LastWords::LastWords(const RunningNotes& notes, std::string folder)
    : notes_(notes),
      folder_(std::move(folder)),
      whole_(concat({folder_, "/", integer_text(::getpid()), "-",
                     integer_text(wall_now().time_since_epoch().count()), ending})),
      part_(whole_ + ".part"),
      signals_([](const OnFatalSignal::Death& death) {
          if (const auto* self = speaker.exchange(nullptr)) {
              self->on_signal(death);
          }
      }) {
    speaker.store(this);
}

LastWords::~LastWords() { speaker.store(nullptr); }

void LastWords::on_signal(const OnFatalSignal::Death& death) const noexcept {
    const int file = begin();
    const Writing writing(file);
    writing.put(head).put("died by ").put(name_of_signal(death.signal)).put("\n");
    const auto self = ::pthread_self();
    notes_.each(
        [&](const RunningNotes::Note& note) { writing.put(note, ::pthread_equal(note.thread, self) != 0); });
    writing.each([&](int each) { stack_.write(each, death.context); });
    finish(file);
}

void LastWords::say_of(std::string_view id, std::string_view why) const noexcept {
    const int file = begin();
    const Writing writing(file);
    writing.put(head).put(why).put("\n");
    notes_.each([&](const RunningNotes::Note& note) { writing.put(note, note.id_text() == id); });
    finish(file);
}

// The folder is made when it is needed, by what is safe in a signal handler.
int LastWords::begin() const noexcept {
    ::mkdir(folder_.c_str(), S_IRWXU);  // or it is there
    return is_own(folder_.c_str())
               ? ::open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)
               : -1;
}

void LastWords::finish(int file) const noexcept {
    if (file >= 0) {
        ::close(file);
        std::rename(part_.c_str(), whole_.c_str());
    }
}

std::optional<Farewell> parse_farewell(std::string_view text, std::time_t written) {
    auto why = take_until('\n', text);
    if (!why.starts_with(head)) {
        return std::nullopt;
    }
    why.remove_prefix(head.size());
    std::vector<Held> here;
    std::vector<Held> beside;
    std::string frames;
    std::size_t count = 0;
    while (!text.empty()) {
        auto line = take_until('\n', text);
        const bool is_here = line.starts_with("here ");
        if (is_here || line.starts_with("beside ")) {
            take_until(' ', line);
            const auto digits = take_until(' ', line);
            std::uint64_t fence = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), fence);
            (is_here ? here : beside).push_back({.id = std::string(take_until(' ', line)), .fence = fence});
        } else if (++count <= most_frames) {
            frames += concat({"\n", named_frame(line, written)});
        }
    }
    auto& tasks = here.empty() ? beside : here;
    const auto others = here.size() + beside.size() - (tasks.empty() ? 0 : 1);
    return Farewell{.file = {},
                    .words = concat({"its worker ", why, others == 0 ? "" : ", with ",
                                     others == 0 ? "" : integer_text(others),
                                     others == 0   ? ""
                                     : others == 1 ? " other task"
                                                   : " other tasks",
                                     frames}),
                    .tasks = std::move(tasks)};
}

std::vector<Farewell> read_farewells(const std::string& folder, std::size_t most) {
    std::vector<Farewell> all;
    std::error_code none;
    if (!is_own(folder.c_str())) {
        return all;
    }
    for (const auto& each : std::filesystem::directory_iterator(folder, none)) {
        const auto& path = each.path().native();
        if (all.size() == most || !path.ends_with(ending)) {
            continue;
        }
        struct stat about{};
        ::stat(path.c_str(), &about);
        if (auto farewell = parse_farewell(text_of(path), about.st_mtime)) {
            farewell->file = path;
            all.push_back(std::move(*farewell));
        } else {
            ::unlink(path.c_str());
        }
    }
    return all;
}

void forget(const Farewell& farewell) noexcept {
    ::unlink(farewell.file.c_str());
    ::rmdir(farewell.file.substr(0, farewell.file.rfind('/')).c_str());  // if it was the last
}

}  // namespace brio::tasks

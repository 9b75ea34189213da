#include <brio/redis/reply_reader.hpp>

#include <algorithm>
#include <new>

#include <hiredis/hiredis.h>

namespace brio::redis {

// What hiredis calls for each value. The reader keeps what they return as an object of its own: the address
// of the Reply that is being built, or `thrown_away`. None would mean that there is no memory.
struct ReplyReader::Functions {
    static void* thrown_away() noexcept {
        static char place;
        return &place;
    }
    static Reply* place_of(const redisReadTask* task) {
        auto& reader = *static_cast<ReplyReader*>(task->privdata);
        return reader.place_of(task->parent != nullptr ? task->parent->obj : nullptr);
    }
    static void* make(const redisReadTask* task, Reply value) {
        Reply* const place = place_of(task);
        if (place == nullptr) {
            return thrown_away();
        }
        *place = std::move(value);
        return place;
    }
    static void* text(const redisReadTask* task, char* text, std::size_t size) {
        Reply* const place = place_of(task);
        if (place == nullptr) {
            return thrown_away();
        }
        place->kind_ = task->type == REDIS_REPLY_ERROR    ? Reply::Kind::error
                       : task->type == REDIS_REPLY_STATUS ? Reply::Kind::status
                                                          : Reply::Kind::text;
        place->text_.assign(text, size);
        return place;
    }
    static void* array(const redisReadTask* task, int size) {
        auto& reader = *static_cast<ReplyReader*>(task->privdata);
        if (size < 0 || static_cast<std::size_t>(size) > reader.limits_.elements) {
            reader.too_large_ = true;
            return nullptr;
        }
        constexpr std::size_t most_ahead = 1024;  // the sender's word is not trusted with memory
        std::vector<Reply> elements;
        elements.reserve(std::min<std::size_t>(static_cast<std::size_t>(size), most_ahead));
        return make(task, Reply(std::move(elements)));
    }
    static void* integer(const redisReadTask* task, long long value) { return make(task, Reply(value)); }
    static void* nil(const redisReadTask* task) { return make(task, Reply()); }
    static void free(void*) {}
};

ReplyReader::ReplyReader(Limits limits) : limits_(limits) {
    static redisReplyObjectFunctions functions{Functions::text, Functions::array, Functions::integer,
                                               Functions::nil, Functions::free};
    reader_ = redisReaderCreateWithFunctions(&functions);
    if (reader_ == nullptr) {
        throw std::bad_alloc();
    }
    reader_->privdata = this;
    reader_->maxbuf = 128 * 1024;
}

ReplyReader::~ReplyReader() { redisReaderFree(reader_); }

/// Where the next value goes; nowhere when it, or the array that it is part of, is not wanted.
Reply* ReplyReader::place_of(void* parent) noexcept {
    if (parent == nullptr) {
        if (!wanted_) {
            return nullptr;
        }
        reply_ = Reply();
        return &reply_;
    }
    if (parent == Functions::thrown_away()) {
        return nullptr;
    }
    // An array grows only at its end, and what is under way there is its last element's last element …
    return &static_cast<Reply*>(parent)->elements_.emplace_back();
}

void ReplyReader::feed(std::string_view bytes) {
    if (redisReaderFeed(reader_, bytes.data(), bytes.size()) != REDIS_OK) {
        throw std::bad_alloc();
    }
}

ReplyReader::Next ReplyReader::next(bool wanted) {
    wanted_ = wanted;
    void* object = nullptr;
    if (redisReaderGetReply(reader_, &object) != REDIS_OK) {
        return Next::wrong;
    }
    if (object != nullptr) {
        return Next::reply;
    }
    if (reader_->len - reader_->pos > limits_.bytes) {
        too_large_ = true;
        return Next::wrong;
    }
    return Next::more;
}

std::string_view ReplyReader::error() const noexcept {
    return too_large_ ? "a reply is larger than the client takes" : std::string_view(reader_->errstr);
}

}  // namespace brio::redis

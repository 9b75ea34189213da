// What the service is about: topics have notes. Plain structs are rows of the database and JSON alike;
// tables, indexes and relations are constants beside them.
#pragma once
#include <brio/reflect/id.hpp>
#include <brio/reflect/text.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/reflect/version.hpp>
#include <brio/sql/listing.hpp>
#include <brio/sql/relation.hpp>
#include <brio/sql/table.hpp>

#include <cstdint>
#include <optional>

namespace service {

using namespace brio;

enum class State { open, done };

struct Topic {
    Id<Topic> id;
    Text<80, 1> name;                   // 1 to 80 characters: checked where JSON becomes a Topic
    std::optional<std::int64_t> notes;  // how many it has; null until the task has counted them
    Version version;                    // moves with each update: ETag and If-Match
};
struct Note {
    Id<Note> id;
    Id<Topic> topic_id;
    Text<500, 1> words;
    State state;
    Timestamp created_at;  // set by the insert
    Version version;
};

// What clients send: a field without a default is required, one that is not here is refused.
struct NewTopic {
    Text<80, 1> name;
};
struct NewNote {
    Id<Topic> topic_id;
    Text<500, 1> words;
    State state = State::open;
};
struct NotePatch {
    std::optional<Text<500, 1>> words;
    std::optional<State> state;
};

inline constexpr auto topics = table<Topic>("topics").unique<&Topic::name>("idx_topic_name");
inline constexpr auto notes = table<Note>("notes")
                                  .index<&Note::topic_id, &Note::created_at>("idx_note_topic")
                                  .index<&Note::state, &Note::created_at>("idx_note_state")
                                  .index<&Note::created_at, &Note::id>("idx_note_created");
inline constexpr auto topic = belongs_to<&Note::topic_id>(topics, "topic");  // one join

// How clients may list them. A filter or an order that no index serves does not compile.
inline constexpr auto topic_list = list_of(topics).sort<&Topic::name, &Topic::id>().page_size(20, 100);
inline constexpr auto note_list =
    list_of(notes).filter<&Note::topic_id, &Note::state>().sort<&Note::created_at, &Note::id>().page_size(
        20, 100);

}  // namespace service

// A message as Celery's workers and producers have it: its protocol 2 (docs.celeryq.dev "Message Protocol";
// measured with Celery 5.2.6). On Redis it is an envelope in JSON (kombu's virtual transport), on RabbitMQ
// the same headers are fields of the message's properties, and the body stands alone.
//
// Celery ends a whole worker over an envelope that lacks some of its parts: those are written, and others
// where they say something, for each byte is copied six times on its way through Redis. What others wrote is
// read as Celery reads it: most may be left out.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include <brio/tasks/message.hpp>

namespace brio::tasks {

/// The list of a queue that messages of this priority wait in: Celery has four for each queue, of 0 to 2, 3
/// to 5, 6 to 8 and 9 up, of which the first has the queue's own name.
std::string celery_list(std::string_view queue, std::uint8_t priority);

/// `message` as an envelope. `delivery_tag` is unique among all messages: Celery keeps what it holds under
/// it. `deaths` does not travel: Celery knows no such thing. The id stands right behind `{"headers":{"id":"`.
std::string write_celery(const Message& message, std::string_view delivery_tag);

/// An envelope that no task can be made of.
struct CeleryRefusal {
    std::string id;     // as far as it could be read
    std::string name;   // as far as it could be read
    std::string words;  // what is wrong with it
};

/// The message in an envelope that stood in a list of `queue`. Arguments keep the text they were written
/// in, but for NaN and infinities, which are null.
std::expected<Message, CeleryRefusal> read_celery(std::string_view envelope, std::string_view queue);

/// A message where headers travel beside the body.
struct CeleryParts {
    std::string headers;  // JSON object
    std::string body;     // JSON array of three
    std::string content_type = "application/json";
};
CeleryParts write_celery_parts(const Message& message);
/// The same as read_celery(); a priority is not among the headers.
std::expected<Message, CeleryRefusal> read_celery_parts(const CeleryParts& parts, std::string_view queue);

/// How an envelope travels on.
struct CeleryAgain {
    int failures = 0;
    std::optional<Timestamp> due;
    std::string_view delivery_tag;
};
/// The same envelope to be carried out again; whatever it says besides stays as it is. Requires one that
/// read_celery() took.
std::string celery_again(std::string_view envelope, const CeleryAgain& again);

}  // namespace brio::tasks

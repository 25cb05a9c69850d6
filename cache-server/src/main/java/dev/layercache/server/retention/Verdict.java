package dev.layercache.server.retention;

/** What the rules say of an image. */
sealed interface Verdict {
  /** In a sentence's middle, for people. */
  String reason();

  /** It stays, whatever room is needed. */
  record Kept(Cause cause, String reason) implements Verdict {}

  /** It goes when room is needed and nothing else was unused for longer. */
  record Evictable(String reason) implements Verdict {}

  /** It goes at the next sweep. */
  record Expired(String reason) implements Verdict {}

  /** What keeps an image. */
  enum Cause {
    TAGGED("tagged images"),
    PINNED("pinned images");

    private final String plural;

    Cause(String plural) {
      this.plural = plural;
    }

    String plural() {
      return plural;
    }
  }
}

package dev.layercache.server.upstream;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Tokens by what they are good for, until shortly before they expire. Thread-safe. */
final class Tokens {
  /** Scopes that are remembered: the one that was used longest ago goes first. */
  private static final int MAX_TOKENS = 1_000;

  /** A token is not used for a request that may reach the registry after it expired. */
  private static final Duration MARGIN = Duration.ofSeconds(10);

  private record Token(String value, Instant until) {}

  private final Clock clock;
  private final Map<String, Token> tokens =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Token> eldest) {
          return size() > MAX_TOKENS;
        }
      };

  Tokens(Clock clock) {
    this.clock = clock;
  }

  synchronized Optional<String> get(String scope) {
    var token = tokens.get(scope);
    return token == null || !clock.instant().isBefore(token.until())
        ? Optional.empty()
        : Optional.of(token.value());
  }

  synchronized void put(String scope, String value, Duration lifetime) {
    var usable = lifetime.minus(MARGIN);
    if (usable.isPositive()) {
      tokens.put(scope, new Token(value, clock.instant().plus(usable)));
    }
  }

  synchronized void remove(String scope, String value) {
    var token = tokens.get(scope);
    if (token != null && token.value().equals(value)) {
      tokens.remove(scope);
    }
  }
}

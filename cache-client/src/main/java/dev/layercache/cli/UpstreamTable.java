package dev.layercache.cli;

import dev.layercache.client.UpstreamInfo;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What {@code layercache stats} says of the registries that a server mirrors. */
final class UpstreamTable {
  private UpstreamTable() {}

  /** Prints nothing when there are none. */
  static void print(List<UpstreamInfo> upstreams, PrintWriter out) {
    if (upstreams.isEmpty()) {
      return;
    }
    var table =
        new TextTable(
            "UPSTREAM",
            "STATE",
            "RATE LIMIT",
            "REQUESTS",
            "FAILED",
            "HITS",
            "MISSES",
            "FETCHED",
            "SAVED",
            "WRONG BYTES");
    for (var upstream : upstreams) {
      table.row(
          upstream.name(),
          state(upstream),
          rateLimit(upstream),
          upstream.requests(),
          upstream.failures(),
          upstream.hits(),
          upstream.misses(),
          Sizes.bytes(upstream.bytesFilled()),
          Sizes.bytes(upstream.bytesSaved()),
          upstream.wrongBytes());
    }
    out.println();
    table.print(out);
    for (var upstream : upstreams) {
      if (!upstream.reason().isEmpty()) {
        out.println(upstream.name() + ": " + upstream.reason());
      }
    }
  }

  /** What a breaker does is of no use to people who do not know the word. */
  private static String state(UpstreamInfo upstream) {
    if (upstream.pause().toMillis() > 0) {
      return "limited for %d s".formatted(upstream.pause().toMillis() / 1000 + 1);
    }
    return switch (upstream.breaker()) {
      case "open" -> "away";
      case "half-open" -> "being tried";
      default -> "up";
    };
  }

  private static String rateLimit(UpstreamInfo upstream) {
    return upstream.rateLimit().isEmpty() && upstream.rateRemaining().isEmpty()
        ? "-"
        : "%s of %s left".formatted(text(upstream.rateRemaining()), text(upstream.rateLimit()));
  }

  private static String text(OptionalLong count) {
    return count.isPresent() ? Long.toString(count.getAsLong()) : "?";
  }

  static Map<String, Object> json(UpstreamInfo upstream) {
    var json =
        Json.object(
            "name", upstream.name(),
            "breaker", upstream.breaker(),
            "reason", upstream.reason(),
            "requests", upstream.requests(),
            "failures", upstream.failures(),
            "pauseSeconds", upstream.pause().toMillis() / 1000.0,
            "hits", upstream.hits(),
            "misses", upstream.misses(),
            "fills", upstream.fills(),
            "fillsFailed", upstream.fillsFailed(),
            "wrongBytes", upstream.wrongBytes(),
            "bytesFilled", upstream.bytesFilled(),
            "bytesServed", upstream.bytesServed(),
            "bytesSaved", upstream.bytesSaved());
    upstream.rateLimit().ifPresent(limit -> json.put("rateLimit", limit));
    upstream.rateRemaining().ifPresent(left -> json.put("rateRemaining", left));
    return json;
  }
}

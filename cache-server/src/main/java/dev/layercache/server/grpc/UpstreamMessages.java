package dev.layercache.server.grpc;

import dev.layercache.server.fill.FillStatistics;
import dev.layercache.server.upstream.UpstreamStatistics;
import dev.layercache.v1.ListUpstreamsResponse;
import dev.layercache.v1.ListUpstreamsResponse.Upstream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Puts together what is known of one upstream in two places. */
final class UpstreamMessages {
  private UpstreamMessages() {}

  static ListUpstreamsResponse of(List<UpstreamStatistics> upstreams, List<FillStatistics> fills) {
    Map<String, Upstream.Builder> all = new TreeMap<>();
    for (var upstream : upstreams) {
      add(named(all, upstream.host()), upstream);
    }
    for (var fill : fills) {
      add(named(all, fill.group()), fill);
    }
    var response = ListUpstreamsResponse.newBuilder();
    all.values().forEach(response::addUpstreams);
    return response.build();
  }

  private static Upstream.Builder named(Map<String, Upstream.Builder> all, String name) {
    return all.computeIfAbsent(name, n -> Upstream.newBuilder().setName(n));
  }

  private static void add(Upstream.Builder message, UpstreamStatistics upstream) {
    message
        .setBreaker(upstream.state().name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .setReason(upstream.reason())
        .setRequests(upstream.requests())
        .setFailures(upstream.failures())
        .setPauseMillis(upstream.pause().toMillis());
    upstream.rateLimit().ifPresent(message::setRateLimit);
    upstream.rateRemaining().ifPresent(message::setRateRemaining);
  }

  private static void add(Upstream.Builder message, FillStatistics fill) {
    message
        .setHits(fill.hits())
        .setMisses(fill.misses())
        .setFills(fill.fillsStarted())
        .setFillsFailed(fill.fillsFailed())
        .setWrongBytes(fill.wrongBytes())
        .setBytesFilled(fill.bytesFilled())
        .setBytesServed(fill.bytesServed());
  }
}

package dev.layercache.load.probe;

import dev.layercache.load.data.Blob;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.grpc.Methods;
import dev.layercache.load.grpc.PacedCalls;
import dev.layercache.load.grpc.Requests;
import dev.layercache.load.http.PacedRequests;
import dev.layercache.load.http.RegistryClient;
import dev.layercache.load.measure.Latencies;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * The asking child process of the responsiveness suite. Arguments: the gRPC port, the HTTP port,
 * seed and size of a stored blob, milliseconds to warm up. It warms up and says {@link #READY};
 * then, for each line on its standard input, which is a number of milliseconds, it makes calls of
 * each kind for that long, prints the kind and the latencies ({@link Latencies#encode}), and says
 * {@link #DONE}. Ends with its input.
 */
public final class Probe {
  /** Said once everything is compiled. */
  static final String READY = "ready";

  /** Said at the end of a measurement. */
  static final String DONE = "done";

  /** Whatever the latencies: a call never waits for the one before. */
  private static final int PER_SECOND = 100;

  private static final int WARM_UP_PER_SECOND = 2_000;
  private static final String HOST = "127.0.0.1";
  private static final String REPOSITORY = "bench/probe";

  private final Channels channels;
  private final PacedRequests head;
  private final Blob blob;

  private Probe(Channels channels, PacedRequests head, Blob blob) {
    this.channels = channels;
    this.head = head;
    this.blob = blob;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    var grpc = new InetSocketAddress(HOST, Integer.parseInt(args[0]));
    var web = new InetSocketAddress(HOST, Integer.parseInt(args[1]));
    var blob = Blob.of(Long.parseLong(args[2]), Long.parseLong(args[3]));
    var warmUp = Duration.ofMillis(Long.parseLong(args[4]));
    var request = RegistryClient.request("HEAD", REPOSITORY, blob.digest());
    try (var channels = new Channels(grpc, 1);
        var head = new PacedRequests(web, request, Math.toIntExact(blob.size()));
        var orders =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      var probe = new Probe(channels, head, blob);
      for (var call : Call.values()) {
        probe.run(call, WARM_UP_PER_SECOND, warmUp);
      }
      System.out.println(READY);
      for (var line = orders.readLine(); line != null; line = orders.readLine()) {
        var duration = Duration.ofMillis(Long.parseLong(line));
        for (var call : Call.values()) {
          System.out.println(call + " " + probe.run(call, PER_SECOND, duration).encode());
        }
        System.out.println(DONE);
      }
    }
  }

  private Latencies run(Call call, int perSecond, Duration duration)
      throws IOException, InterruptedException {
    var channel = channels.get(0);
    return switch (call) {
      case CAPABILITIES ->
          PacedCalls.run(perSecond, duration, channel, Methods.CAPABILITIES, new byte[0]);
      case FIND_MISSING ->
          PacedCalls.run(
              perSecond,
              duration,
              channel,
              Methods.FIND_MISSING,
              Requests.findMissing(List.of(blob)));
      case STAT -> head.run(perSecond, duration);
    };
  }
}

package dev.layercache.load.probe;

import dev.layercache.load.data.Blob;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.grpc.Methods;
import dev.layercache.load.grpc.Requests;
import dev.layercache.load.http.RegistryClient;
import dev.layercache.load.measure.Latencies;
import dev.layercache.load.parallel.PacedLoop;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * The child process of the responsiveness suite. Arguments: the gRPC port, the HTTP port, seed and
 * size of a stored blob, milliseconds for each kind of call. For each kind it prints its name and
 * its latencies ({@link Latencies#encode}).
 */
public final class Probe {
  /** Slow enough that calls below 20 ms never queue behind each other. */
  private static final int PER_SECOND = 50;

  private static final int WARM_UP_PER_SECOND = 1_000;
  private static final String HOST = "127.0.0.1";
  private static final String REPOSITORY = "bench/probe";

  private final Channels channels;
  private final RegistryClient http;
  private final Blob blob;

  private Probe(Channels channels, RegistryClient http, Blob blob) {
    this.channels = channels;
    this.http = http;
    this.blob = blob;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    var grpc = new InetSocketAddress(HOST, Integer.parseInt(args[0]));
    var web = new InetSocketAddress(HOST, Integer.parseInt(args[1]));
    var blob = Blob.of(Long.parseLong(args[2]), Long.parseLong(args[3]));
    var duration = Duration.ofMillis(Long.parseLong(args[4]));
    try (var channels = new Channels(grpc, 1);
        var http = new RegistryClient(web, REPOSITORY)) {
      var probe = new Probe(channels, http, blob);
      for (var call : Call.values()) {
        var operation = probe.operation(call);
        PacedLoop.run(WARM_UP_PER_SECOND, duration.dividedBy(4), operation);
        var load = PacedLoop.run(PER_SECOND, duration, operation);
        System.out.println(call + " " + load.latencies().encode());
      }
    }
  }

  private PacedLoop.Operation operation(Call call) {
    var find = Requests.findMissing(List.of(blob));
    return switch (call) {
      case CAPABILITIES -> () -> grpc(Methods.CAPABILITIES, new byte[0]);
      case FIND_MISSING -> () -> grpc(Methods.FIND_MISSING, find);
      case STAT -> () -> http.has(blob.digest());
    };
  }

  private void grpc(MethodDescriptor<byte[], byte[]> method, byte[] request) {
    ClientCalls.blockingUnaryCall(channels.get(0), method, CallOptions.DEFAULT, request);
  }
}

package dev.layercache.load.suite;

import dev.layercache.load.data.Blob;
import dev.layercache.load.data.BlobFactory;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.grpc.Methods;
import dev.layercache.load.grpc.Requests;
import dev.layercache.load.grpc.SmallBlobs;
import dev.layercache.load.http.RegistryClient;
import dev.layercache.load.measure.Load;
import dev.layercache.load.parallel.PacedLoop;
import dev.layercache.load.server.LayercacheProcess;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What runs during a soak: a handful of flows, each at a pace of its own. */
final class SoakLoad implements AutoCloseable {
  private static final String REPOSITORY = "bench/soak";
  private static final int PUSHED_BYTES = 1 << 20;
  private static final int PUSHES_PER_SECOND = 2;
  private static final int PULLED_BYTES = 4 << 20;
  private static final int PULLED = 16;
  private static final int SMALL_BYTES = 4 << 10;
  private static final int SMALL = 100;
  private static final long SPACE = 2L << 30;

  private final BlobFactory blobs;
  private final Channels channels;
  private final RegistryClient pusher;
  private final RegistryClient puller;
  private final RegistryClient asker;
  private final List<Blob> pulled;
  private final List<Blob> small;
  private final AtomicInteger next = new AtomicInteger();

  /** One kind of operation. */
  record Flow(String name, int perSecond, PacedLoop.Operation operation) {
    Load run(Duration duration) throws IOException, InterruptedException {
      return PacedLoop.run(perSecond, duration, operation);
    }
  }

  SoakLoad(LayercacheProcess server, BlobFactory blobs) throws IOException {
    this.blobs = blobs;
    this.channels = new Channels(server.grpc(), 2);
    this.pusher = new RegistryClient(server.http(), REPOSITORY);
    this.puller = new RegistryClient(server.http(), REPOSITORY);
    this.asker = new RegistryClient(server.http(), REPOSITORY);
    this.pulled = blobs.make(PULLED, PULLED_BYTES);
    this.small = blobs.make(SMALL, SMALL_BYTES);
    for (var blob : pulled) {
      pusher.push(blob);
    }
    SmallBlobs.store(channels, small);
  }

  /** What the store grows to in this time, and some. */
  static long bytes(Duration duration) {
    return SPACE + duration.toSeconds() * PUSHES_PER_SECOND * PUSHED_BYTES;
  }

  List<Flow> flows() {
    var find = Requests.findMissing(small);
    return List.of(
        new Flow(
            "HTTP push of 1 MiB", PUSHES_PER_SECOND, () -> pusher.push(blobs.make(PUSHED_BYTES))),
        new Flow("HTTP pull of 4 MiB", 10, () -> puller.pull(one(pulled))),
        new Flow("HTTP HEAD", 50, () -> asker.has(one(pulled).digest())),
        new Flow("FindMissing of 100", 50, () -> call(Methods.FIND_MISSING, find)),
        new Flow(
            "BatchUpdate of 4 KiB",
            20,
            () -> call(Methods.BATCH_UPDATE, Requests.batchUpdate(blobs.make(SMALL_BYTES)))),
        new Flow(
            "BatchRead of 4 KiB",
            50,
            () -> call(Methods.BATCH_READ, Requests.batchRead(List.of(one(small))))));
  }

  private Blob one(List<Blob> of) {
    return of.get(Math.floorMod(next.getAndIncrement(), of.size()));
  }

  private void call(MethodDescriptor<byte[], byte[]> method, byte[] request) {
    ClientCalls.blockingUnaryCall(channels.get(0), method, CallOptions.DEFAULT, request);
  }

  @Override
  public void close() throws IOException {
    channels.close();
    pusher.close();
    puller.close();
    asker.close();
  }
}

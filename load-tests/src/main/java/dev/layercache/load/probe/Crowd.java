package dev.layercache.load.probe;

import dev.layercache.load.data.Blob;
import dev.layercache.load.data.BlobFactory;
import dev.layercache.load.grpc.BlobTransfers;
import dev.layercache.load.grpc.Channels;
import dev.layercache.load.measure.PageCache;
import dev.layercache.load.parallel.Background;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * The loading child process of the responsiveness suite: readers of blobs that are kept cold, and
 * writers, each on a connection of its own. Arguments: the gRPC port, the server's data directory,
 * seed of the first of {@link #READERS} stored blobs and their size, seed of what is written. Says
 * {@link #READY} once every reader has had a blob; goes on until its standard input ends, then
 * prints the bytes read in a second, on the whole.
 */
public final class Crowd {
  public static final int READERS = 64;
  public static final int WRITERS = 4;

  /** Said when everything is under way. */
  static final String READY = "ready";

  private static final long DROP_EVERY_MILLIS = 200;

  private final Channels channels;
  private final List<Blob> stored;
  private final BlobFactory fresh;
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong bytesRead = new AtomicLong();

  private Crowd(Channels channels, List<Blob> stored, BlobFactory fresh) {
    this.channels = channels;
    this.stored = stored;
    this.fresh = fresh;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    var grpc = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
    var data = Path.of(args[1]);
    long first = Long.parseLong(args[2]);
    long size = Long.parseLong(args[3]);
    var stored =
        LongStream.range(first, first + READERS)
            .parallel()
            .mapToObj(seed -> Blob.of(seed, size))
            .toList();
    try (var channels = new Channels(grpc, READERS + WRITERS)) {
      var crowd = new Crowd(channels, stored, new BlobFactory(Long.parseLong(args[4])));
      crowd.run(data);
    }
  }

  private void run(Path data) throws IOException, InterruptedException {
    var background = new Background();
    long begin = System.nanoTime();
    for (int i = 0; i < READERS; i++) {
      int connection = i;
      background.start(() -> read(connection));
    }
    for (int i = 0; i < WRITERS; i++) {
      int connection = READERS + i;
      background.start(() -> write(connection));
    }
    var cache = new PageCache();
    background.start(
        () -> {
          cache.drop(data, ".sst");
          TimeUnit.MILLISECONDS.sleep(DROP_EVERY_MILLIS);
        });
    while (bytesRead.get() < READERS * stored.getFirst().size()) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    System.out.println(READY);
    while (System.in.read() >= 0) {
      // Nothing is said to it but the end.
    }
    background.stop();
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.println((long) (bytesRead.get() / seconds));
  }

  private void read(int connection) throws IOException, InterruptedException {
    var blob = stored.get((int) (reads.getAndIncrement() % stored.size()));
    bytesRead.addAndGet(new BlobTransfers(channels).download(connection, blob));
  }

  private void write(int connection) throws IOException, InterruptedException {
    new BlobTransfers(channels).upload(connection, fresh.make(stored.getFirst().size()));
  }
}

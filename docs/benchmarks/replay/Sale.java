import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * A sale to record: orders of one piece of product 1, 2 or 3, at random times, about so many a second. An open loop: the
 * times are fixed before, whatever the API does.
 *
 * <p>java Sale.java http://127.0.0.1:8080 fair|distributed ORDERS PER_SECOND SEED
 */
public class Sale {

    public static void main(String[] arguments) throws Exception {
        URI orders = URI.create(arguments[0]).resolve("/v1/stocks/locks/" + arguments[1]);
        int count = Integer.parseInt(arguments[2]);
        double perSecond = Double.parseDouble(arguments[3]);
        Random random = new Random(Long.parseLong(arguments[4]));
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        Map<Integer, Integer> answers = new TreeMap<>();
        CompletableFuture<?>[] sent = new CompletableFuture<?>[count];
        long start = System.nanoTime();
        double due = 0;
        for (int i = 0; i < count; i++) {
            while (System.nanoTime() - start < due) {
                LockSupport.parkNanos((long) due - (System.nanoTime() - start));
            }
            String body = "{\"orders\":[{\"productId\":" + (1 + random.nextInt(3)) + ",\"quantity\":1}]}";
            HttpRequest request = HttpRequest.newBuilder(orders)
                    .header("Content-Type", "application/json")
                    .method("PATCH", HttpRequest.BodyPublishers.ofString(body))
                    .build();
            sent[i] = client.sendAsync(request, BodyHandlers.discarding()).thenAccept(answer -> {
                synchronized (answers) {
                    answers.merge(answer.statusCode(), 1, Integer::sum);
                }
            });
            due += -Math.log(1 - random.nextDouble()) * 1e9 / perSecond;
        }
        CompletableFuture.allOf(sent).join();
        System.out.printf("%d orders in %.3f s, answers by status %s%n", count, (System.nanoTime() - start) / 1e9, answers);
    }
}
